/** No old name is left, but for the dialect of a server that has not moved. */
import {WorkerSyncService} from 'sync-elements';
import {planDialect} from 'sync-elements/compat';
import {onAdd, show, tell} from './view.js';

const service = new WorkerSyncService({url: '/', database: 'notes', dialect: planDialect});
service.onStateChange(({status, pending}) => tell(pending > 0 ? `${status}, ${pending} unsent` : status));
service.live('note').subscribe(notes => notes && show(notes));
onAdd(note => service.put('note', note.id, note));
void service.connect();
