/** The places page: progress while they come, then a search that needs no server. */
import 'sync-elements/define';
import {html, nothing, render} from 'lit';
import {find, setUpProvider} from '../shared/page.js';
import {formatNumber} from './place.js';
import {PlaceGrid} from './place-grid.js';
import {PlaceSearch, type Results} from './place-search.js';
import {progressView, SyncMeter} from './progress-view.js';

const query = find<HTMLInputElement>('#query');
const summary = find<HTMLElement>('#summary');
const progress = find<HTMLElement>('#progress');

const provider = setUpProvider('places');
const meter = new SyncMeter();
const search = new PlaceSearch(provider, () => {
  grid.update();
  summarise();
});
const grid = new PlaceGrid(find<HTMLElement>('#results'), search);

function summarise(): void {
  render(summaryOf(search.results), summary);
}

function summaryOf(results: Results | undefined) {
  if (!results) return nothing;
  const {total, took, prefix} = results;
  if (total > 0) {
    const ms = took < 10 ? took.toFixed(1) : Math.round(took);
    return html`<strong>${formatNumber(total)} ${total === 1 ? 'place' : 'places'}</strong> in ${ms} ms, from this device`;
  }
  if (prefix) return html`No place begins with “${prefix}”.`;
  const {status} = provider.state;
  if (search.busy || status === 'syncing' || status === 'connecting') return 'The places are on their way.';
  if (status === 'synced') return 'The server has no places.';
  return 'No places on this device yet. They come as soon as there is a line.';
}

/** The meter moves with each state; it is drawn once a frame at the most. */
let drawing = false;
provider.addEventListener('sync-state-change', () => {
  meter.note(provider.state);
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    render(progressView(provider.state, meter), progress);
    summarise();
  });
});
// What others change shows here too; a reader at row 5,000 is not thrown back for it.
provider.addEventListener('sync-changes', () => {
  const shown = search.results?.places.length ?? 0;
  if (shown <= 200) search.ask(query.value);
});
query.addEventListener('input', () => search.ask(query.value));
query.addEventListener('keydown', event => {
  if (event.key !== 'ArrowDown') return;
  event.preventDefault();
  grid.enter();
});
search.ask('');
