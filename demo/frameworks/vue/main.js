import '../../styles/frameworks.css';
import 'sync-elements/define';
import {createApp} from 'vue';
import App from './App.vue';

createApp(App).mount('#app');
