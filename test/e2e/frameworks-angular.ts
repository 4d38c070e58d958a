/** What Angular's compiler has to say of a template with our elements, in the app's own installation. */
import {execFile} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const app = fileURLToPath(new URL('../../demo/frameworks/angular', import.meta.url));

const component = (template: string) => `
import {Component, CUSTOM_ELEMENTS_SCHEMA, type ElementRef, viewChild} from '@angular/core';
import 'sync-elements/define';
import type {SyncErrorEvent, SyncProvider} from 'sync-elements/components';

@Component({selector: 'a-probe', schemas: [CUSTOM_ELEMENTS_SCHEMA], template: \`${template}\`})
export class Probe {
  readonly child = viewChild.required<ElementRef<SyncProvider>>('provider');
  warn(event: SyncErrorEvent): string {
    return event.error.code;
  }
  status(provider: SyncProvider): string {
    return provider.state.status;
  }
}
`;

/** Its complaints, of a template that stands on one line; none where it compiles. */
export function complaintsOf(template: string): Promise<string[]> {
  const place = join(app, '.ngc/probe');
  mkdirSync(place, {recursive: true});
  writeFileSync(join(place, 'probe.ts'), component(template));
  const compilerOptions = {rootDir: '.', noEmit: true};
  writeFileSync(
    join(place, 'tsconfig.json'),
    JSON.stringify({extends: '../../tsconfig.json', compilerOptions, files: ['probe.ts']}),
  );
  const ngc = join(app, 'node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js');
  return new Promise(resolve => {
    execFile(process.execPath, [ngc, '-p', place], {cwd: app}, (error, stdout, stderr) => {
      const found = `${stdout}${stderr}`.match(/(?:TS|NG)-?\d+: .*/g) ?? [];
      resolve(error && found.length === 0 ? [`ngc failed: ${stdout}${stderr}`] : found);
    });
  });
}
