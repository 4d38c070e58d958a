/** The calls are the old ones; what they stand on is new. */
import {
  configureSync,
  initializeSync,
  migrateLocalStorage,
  migrateQueuedOperations,
  planDialect,
  syncClient,
  syncClientLegacy,
} from 'sync-elements/compat';
import {onAdd, show, tell} from './view.js';

configureSync({url: '/', database: 'notes', dialect: planDialect});
migrateLocalStorage();
syncClientLegacy.onStateChange = ({status, pending}) => tell(pending > 0 ? `${status}, ${pending} unsent` : status);
syncClient.live('note').subscribe(notes => notes && show(notes));
onAdd(note => syncClientLegacy.queueOperation({type: 'upsert', entityType: 'note', entityId: note.id, payload: note}));

await initializeSync();
// The old client kept frames. As rows they show at once, whether or not there is a line; they keep their ids.
const asRow = ({id, payload: {entityType, entityId, data}}) => ({
  id,
  type: 'upsert',
  entityType,
  entityId,
  payload: data,
});
const read = () => JSON.parse(localStorage.getItem('notes_queue') ?? '[]');
const {taken, known} = await migrateQueuedOperations(read().map(asRow));
// What is durable here goes out of the old list. An old tab that is still open has it in memory, and sends it, too: each is
// a whole note, so twice is the same as once.
const safe = new Set([...taken, ...known]);
localStorage.setItem('notes_queue', JSON.stringify(read().filter(({id}) => !safe.has(id))));
void syncClientLegacy.connect();
