import {defineConfig} from 'vite';
import solid from 'vite-plugin-solid';

export default defineConfig({
  base: './',
  plugins: [solid()],
  // `npm run dev` beside a running `npm start`: the shared CSS lies above this folder, the sync server at another port.
  server: {fs: {allow: ['../..']}, proxy: {'/api': {target: 'http://localhost:4870', ws: true}}},
});
