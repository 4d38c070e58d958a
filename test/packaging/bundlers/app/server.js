/** Renders the elements in Node, as a server would, and prints them. */
import 'sync-elements/define';
import {render} from '@lit-labs/ssr';
import {collectResult} from '@lit-labs/ssr/lib/render-result.js';
import {html} from 'lit';

const page = html`
  <sync-provider url="/api/sync" types="note">
    <sync-status details></sync-status>
    <sync-progress></sync-progress>
    <sync-when status="error"><p>Something needs you.</p></sync-when>
    <sync-queue></sync-queue>
    <sync-inspector></sync-inspector>
  </sync-provider>`;
process.stdout.write(await collectResult(render(page)));
