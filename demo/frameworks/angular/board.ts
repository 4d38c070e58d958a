import {ChangeDetectionStrategy, Component, effect, input, signal} from '@angular/core';
import type {SyncProvider} from 'sync-elements/components';
import {Card} from './card';
import {COLUMNS, newTask, type Task, tasksIn} from './tasks';

@Component({
  selector: 'task-board',
  imports: [Card],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="columns" [attr.aria-busy]="!tasks()">
      @for (column of columns; track column.status) {
        <section [class]="'column ' + column.status" [attr.aria-label]="column.name">
          <h2>{{ column.name }} <span class="count">{{ tasks() && tasksIn(column.status).length }}</span></h2>
          <ul class="cards">
            @for (task of tasksIn(column.status); track task.id) {
              <li class="card plain" [attr.data-id]="task.id" taskCard [task]="task" [provider]="provider()"></li>
            }
          </ul>
          <form class="add" (submit)="add($event, column.status, title)">
            <input
              #title
              autocomplete="off"
              [attr.aria-label]="'Add to ' + column.name"
              placeholder="+ Add a task"
              [disabled]="!tasks()"
            >
          </form>
        </section>
      }
    </div>
  `,
})
export class Board {
  readonly provider = input.required<SyncProvider>();
  /** Undefined while loading. */
  readonly tasks = signal<Task[] | undefined>(undefined);
  readonly columns = COLUMNS;

  constructor() {
    effect(undo =>
      undo(
        this.provider()
          .live('task')
          .subscribe(rows => this.tasks.set(rows)),
      ),
    );
  }

  tasksIn(status: string): Task[] {
    return tasksIn(this.tasks() ?? [], status);
  }

  add(event: Event, status: string, input: HTMLInputElement): void {
    event.preventDefault();
    const task = newTask(this.tasks() ?? [], status, input.value.trim());
    if (task.title) this.provider().put('task', task.id, task);
    input.value = '';
  }
}
