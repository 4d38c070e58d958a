/**
 * The list: a grid of which only what is in sight stands in the document (`@tanstack/virtual-core`). It can be walked
 * by keyboard the way the ARIA grid pattern says: one cell is in the tab order, arrow keys go from cell to cell.
 */
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import {html, nothing, render, type TemplateResult} from 'lit';
import {repeat} from 'lit/directives/repeat.js';
import {coordinates, countryName, mapLink, type Place} from './place.js';
import type {PlaceSearch} from './place-search.js';

const COLUMNS = ['Name', 'Region', 'Country', 'Map'] as const;
const narrow = matchMedia('(max-width: 46rem)');
const rowHeight = () => (narrow.matches ? 60 : 44);
/** Pages are asked for when the end of what is loaded comes this near. */
const AHEAD = 60;

export class PlaceGrid {
  readonly #place: HTMLElement;
  readonly #search: PlaceSearch;
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  #prefix = '';
  #row = 0;
  #column = 0;
  /** The cell wants the focus once it is drawn. */
  #focus = false;

  constructor(place: HTMLElement, search: PlaceSearch) {
    this.#place = place;
    this.#search = search;
    this.#virtualizer = new Virtualizer(this.#options());
    render(this.#frame(), place);
    this.#virtualizer._didMount();
    this.#virtualizer._willUpdate();
    narrow.addEventListener('change', () => {
      this.#virtualizer.measure();
      this.update();
    });
  }

  /** Draws what the search has found. */
  update(): void {
    const {results} = this.#search;
    if (results && results.prefix !== this.#prefix) {
      this.#prefix = results.prefix;
      this.#row = this.#column = 0;
      this.#virtualizer.scrollToOffset(0);
    }
    this.#virtualizer.setOptions(this.#options());
    this.#virtualizer._willUpdate();
    this.#draw();
  }

  /** Puts the focus into the list. */
  enter(): void {
    this.#go(this.#row, this.#column);
  }

  #options() {
    return {
      count: this.#search.results?.places.length ?? 0,
      getScrollElement: () => this.#place.querySelector<HTMLElement>('.window'),
      estimateSize: rowHeight,
      overscan: 12,
      // The row with the focus stays, however far somebody scrolls away from it.
      rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const rows = defaultRangeExtractor(range);
        return rows.includes(this.#row) || this.#row >= range.count ? rows : [...rows, this.#row].sort((a, b) => a - b);
      },
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.#draw(),
    };
  }

  #draw(): void {
    render(this.#frame(), this.#place);
    const items = this.#virtualizer.getVirtualItems();
    const rows = this.#place.querySelector<HTMLElement>('.rows');
    if (rows) rows.style.blockSize = `${this.#virtualizer.getTotalSize()}px`;
    // Positions go through the object model: a style attribute would break the page's Content-Security-Policy.
    for (const {index, start} of items) {
      const row = this.#place.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"]`);
      if (row) row.style.transform = `translateY(${start}px)`;
    }
    if (this.#focus) {
      const cell = this.#place.querySelector<HTMLElement>('[tabindex="0"]');
      if (cell) {
        this.#focus = false;
        cell.focus({preventScroll: true});
        // In the list the virtualizer has scrolled; this is for the page around it.
        cell.scrollIntoView({block: 'nearest'});
      }
    }
    const {results} = this.#search;
    const last = items.at(-1);
    if (results && last && last.index >= results.places.length - AHEAD) this.#search.more();
  }

  #frame(): TemplateResult {
    const {results} = this.#search;
    const places = results?.places ?? [];
    const items = this.#virtualizer.getVirtualItems().filter(({index}) => index < places.length);
    return html`<div
      class="table"
      role="grid"
      aria-label="Places"
      aria-rowcount=${(results?.total ?? 0) + 1}
      aria-colcount=${COLUMNS.length}
      aria-readonly="true"
      ?hidden=${places.length === 0}
      @keydown=${(event: KeyboardEvent) => this.#walk(event)}
      @focusin=${(event: FocusEvent) => this.#note(event)}
    >
      <div role="rowgroup">
        <div class="head" role="row" aria-rowindex="1">
          ${COLUMNS.map(name => html`<span role="columnheader" class=${name === 'Map' ? 'coordinates' : ''}>${name}</span>`)}
        </div>
      </div>
      <div class="window" role="rowgroup" tabindex="-1">
        <div class="rows" role="presentation">
          ${repeat(
            items,
            ({index}) => places[index]?.id,
            ({index}) => {
              const place = places[index];
              return place ? this.#rowView(place, index) : nothing;
            },
          )}
        </div>
      </div>
    </div>`;
  }

  #rowView(place: Place, index: number): TemplateResult {
    const stop = (column: number) => (index === this.#row && column === this.#column ? '0' : '-1');
    return html`<div class="row" role="row" aria-rowindex=${index + 2}>
      <span class="name" role="gridcell" dir="auto" tabindex=${stop(0)}>${place.name}</span>
      <span class="region minor" role="gridcell" dir="auto" tabindex=${stop(1)}>${place.region}</span>
      <span class="country" role="gridcell" tabindex=${stop(2)}>${countryName(place.country)}</span>
      <span class="coordinates" role="gridcell"
        ><a href=${mapLink(place)} target="_blank" rel="noopener" dir="ltr" tabindex=${stop(3)}
          >${coordinates(place)}<span class="visually-hidden">, ${place.name} on the map</span></a
        ></span
      >
    </div>`;
  }

  #walk(event: KeyboardEvent): void {
    const last = (this.#search.results?.places.length ?? 0) - 1;
    const rtl = getComputedStyle(this.#place).direction === 'rtl';
    const view = this.#place.querySelector('.window')?.clientHeight ?? 0;
    const page = Math.max(1, Math.floor(view / rowHeight()) - 1);
    const {key, ctrlKey} = event;
    if (key === 'ArrowDown') this.#go(this.#row + 1, this.#column);
    else if (key === 'ArrowUp') this.#go(this.#row - 1, this.#column);
    else if (key === 'PageDown') this.#go(this.#row + page, this.#column);
    else if (key === 'PageUp') this.#go(this.#row - page, this.#column);
    else if (key === 'ArrowRight') this.#go(this.#row, this.#column + (rtl ? -1 : 1));
    else if (key === 'ArrowLeft') this.#go(this.#row, this.#column - (rtl ? -1 : 1));
    else if (key === 'Home') this.#go(ctrlKey ? 0 : this.#row, 0);
    else if (key === 'End') this.#go(ctrlKey ? last : this.#row, COLUMNS.length - 1);
    else return;
    event.preventDefault();
  }

  #go(row: number, column: number): void {
    const last = (this.#search.results?.places.length ?? 0) - 1;
    if (last < 0) return;
    this.#row = Math.max(0, Math.min(row, last));
    this.#column = Math.max(0, Math.min(column, COLUMNS.length - 1));
    this.#focus = true;
    this.#virtualizer.scrollToIndex(this.#row);
    this.#draw();
  }

  /** A click may have put the focus elsewhere: walking goes on from there. */
  #note(event: FocusEvent): void {
    const cell = (event.target as Element).closest('[role=gridcell]');
    const row = cell?.closest('[aria-rowindex]');
    if (!cell || !row) return;
    const at = Number(row.getAttribute('aria-rowindex')) - 2;
    const column = [...row.children].indexOf(cell);
    if (at === this.#row && column === this.#column) return;
    this.#row = at;
    this.#column = column;
    this.#draw();
  }
}
