import {SyncClient} from './old-client.js';
import {onAdd, show, tell} from './view.js';

const client = new SyncClient();
client.onRows = show;
client.onStateChange = tell;
onAdd(note => client.put(note));
show(client.rows);
client.connect();
