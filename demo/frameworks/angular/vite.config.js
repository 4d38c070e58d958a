/**
 * `ngc` has compiled this app's own templates; Angular's libraries are published half compiled, and the linker does the
 * rest. That is all of the Angular CLI that an app of this size needs.
 */
import {ConsoleLogger, LogLevel, NodeJSFileSystem} from '@angular/compiler-cli';
import {createEs2015LinkerPlugin} from '@angular/compiler-cli/linker/babel';
import {transformAsync} from '@babel/core';
import {defineConfig} from 'vite';

const linker = createEs2015LinkerPlugin({
  fileSystem: new NodeJSFileSystem(),
  logger: new ConsoleLogger(LogLevel.warn),
  linkerJitMode: false,
});

const linkLibraries = {
  name: 'angular-linker',
  transform(code, filename) {
    if (!code.includes('ɵɵngDeclare')) return null;
    return transformAsync(code, {
      filename,
      plugins: [linker],
      sourceMaps: true,
      compact: false,
      configFile: false,
      babelrc: false,
    });
  },
};

export default defineConfig({
  base: './',
  plugins: [linkLibraries],
  define: {ngDevMode: false, ngJitMode: false, ngI18nClosureMode: false},
});
