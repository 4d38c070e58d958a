import {ChangeDetectionStrategy, Component, CUSTOM_ELEMENTS_SCHEMA, inject, output, signal} from '@angular/core';
import type {SyncStateChangeEvent} from 'sync-elements/components';
import {Board} from './board';
import {nameOf} from './tasks';
import {WorkOffline} from './work-offline';

/** The attribute schema lets Angular take the tags for what they are: elements of the browser's. */
@Component({
  selector: 'board-workspace',
  imports: [Board],
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './workspace.html',
})
export class Workspace {
  readonly leave = output();
  readonly pending = signal(0);
  readonly workOffline = inject(WorkOffline);
  readonly nameOf = nameOf;

  count({state}: SyncStateChangeEvent): void {
    this.pending.set(state.pending);
  }
}

@Component({
  selector: 'board-app',
  imports: [Workspace],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (open()) {
      <board-workspace (leave)="open.set(false)" />
    } @else {
      <main class="closed">
        <p>The board is closed. Its rows, and what was not sent, stay on this device.</p>
        <button class="button" type="button" (click)="open.set(true)">Open the board</button>
      </main>
    }
  `,
})
export class App {
  readonly open = signal(true);
}
