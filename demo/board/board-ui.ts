/** What is open, lifted or being edited: the part of the board that is nobody else's business. */
import type {Status, Task} from './task.js';

export interface Drop {
  id: string;
  status: Status;
  /** Place in the column, counted without the card that is carried. */
  index: number;
}

export interface BoardUi {
  editing: string | undefined;
  menu: string | undefined;
  drop: Drop | undefined;
}

/** What a card can ask for. */
export interface CardActions {
  edit(id: string | undefined): void;
  rename(task: Task, title: string): void;
  assign(task: Task, assignee: string): void;
  menu(id: string | undefined): void;
  move(task: Task, status: Status, index: number): void;
  remove(task: Task): void;
  add(status: Status, title: string): void;
}
