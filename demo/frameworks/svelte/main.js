import '../../styles/frameworks.css';
import 'sync-elements/define';
import {mount} from 'svelte';
import App from './App.svelte';

mount(App, {target: document.querySelector('#app')});
