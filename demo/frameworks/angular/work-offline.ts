import {Injectable, signal} from '@angular/core';

const KEY = 'work-offline:board-angular';

/** The switch belongs to the device, not to a tab: all tabs share it, and a reload keeps it. */
@Injectable({providedIn: 'root'})
export class WorkOffline {
  readonly #on = signal(localStorage.getItem(KEY) === 'yes');
  readonly on = this.#on.asReadonly();

  constructor() {
    window.addEventListener('storage', event => {
      if (event.key === KEY) this.#on.set(event.newValue === 'yes');
    });
  }

  set(on: boolean): void {
    localStorage.setItem(KEY, on ? 'yes' : 'no');
    this.#on.set(on);
  }
}
