import {svelte} from '@sveltejs/vite-plugin-svelte';
import {defineConfig} from 'vite';

export default defineConfig({
  base: './',
  plugins: [svelte()],
  // `npm run dev` beside a running `npm start`: the shared CSS lies above this folder, the sync server at another port.
  server: {fs: {allow: ['../..']}, proxy: {'/api': {target: 'http://localhost:4870', ws: true}}},
});
