import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  input,
  signal,
  viewChild,
} from '@angular/core';
import type {SyncProvider} from 'sync-elements/components';
import {COLUMNS, type Task} from './tasks';

@Component({
  selector: '[taskCard]',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (draft() === null) {
      <button class="title" type="button" dir="auto" (click)="draft.set(task().title)">{{ task().title }}</button>
    } @else {
      <form (submit)="save($event)">
        <input
          #editor
          class="title"
          aria-label="Title"
          dir="auto"
          [value]="draft()"
          (input)="draft.set(editor.value)"
          (blur)="save($event)"
          (keydown.escape)="draft.set(null)"
        >
      </form>
    }
    <button
      class="more"
      type="button"
      [attr.aria-label]="'Delete ' + task().title"
      (click)="provider().remove('task', task().id)"
    >
      ×
    </button>
    <div class="meta">
      <select
        #picker
        class="column-picker"
        [attr.aria-label]="'Column of ' + task().title"
        [value]="task().status"
        (change)="provider().patch('task', task().id, {status: picker.value})"
      >
        @for (column of columns; track column.status) {
          <option [value]="column.status" [selected]="column.status === task().status">{{ column.name }}</option>
        }
      </select>
      {{ task().assignee }}
    </div>
  `,
})
export class Card {
  readonly task = input.required<Task>();
  readonly provider = input.required<SyncProvider>();
  readonly columns = COLUMNS;
  /** The title while it is being edited. */
  readonly draft = signal<string | null>(null);
  readonly editor = viewChild<ElementRef<HTMLInputElement>>('editor');

  constructor() {
    afterRenderEffect(() => this.editor()?.nativeElement.focus());
  }

  save(event: Event): void {
    event.preventDefault();
    const title = this.draft()?.trim();
    if (title && title !== this.task().title) this.provider().patch('task', this.task().id, {title});
    this.draft.set(null);
  }
}
