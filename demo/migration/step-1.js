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
// Once it is durable here, the old list is emptied. An old tab that is still open has what is unsent in memory, and sends it,
// too: each is a whole note, so twice is the same as once.
const unsent = localStorage.getItem('notes_queue') ?? '[]';
const {refused} = await migrateQueuedOperations(JSON.parse(unsent));
if (refused.length === 0 && localStorage.getItem('notes_queue') === unsent) localStorage.removeItem('notes_queue');
void syncClientLegacy.connect();
