import vue from '@vitejs/plugin-vue';
import {defineConfig} from 'vite';

export default defineConfig({
  base: './',
  plugins: [vue({template: {compilerOptions: {isCustomElement: tag => tag.startsWith('sync-')}}})],
  // `npm run dev` beside a running `npm start`: the shared CSS lies above this folder, the sync server at another port.
  server: {fs: {allow: ['../..']}, proxy: {'/api': {target: 'http://localhost:4870', ws: true}}},
});
