/**
 * The old client, as small as it can be: one socket for each tab, everything on the page's thread. It stands here to be left
 * behind. What is unsent is kept in localStorage; that is all it can promise.
 */
const read = (key, fallback) => JSON.parse(localStorage.getItem(key) ?? fallback);

export class SyncClient {
  #socket;
  #rows = new Map(read('notes_rows', '[]'));
  #queue = read('notes_queue', '[]');

  constructor() {
    if (!localStorage.getItem('sync_client_id')) localStorage.setItem('sync_client_id', crypto.randomUUID());
  }

  /** Called with the rows after each change. */
  onRows = () => {};
  onStateChange = () => {};

  get rows() {
    return [...this.#rows.values()];
  }

  connect() {
    this.#socket = new WebSocket(new URL('/api/sync', location.href.replace(/^http/, 'ws')));
    this.#socket.onmessage = ({data}) => this.#take(JSON.parse(data));
    this.#socket.onclose = () => {
      this.onStateChange('disconnected');
      setTimeout(() => this.connect(), 1000);
    };
    this.#socket.onopen = () => {
      this.#send({
        type: 'sync',
        clientId: localStorage.getItem('sync_client_id'),
        lastLSN: localStorage.getItem('sync_last_lsn') ?? '0/0',
      });
      for (const {payload} of this.#queue.splice(0)) this.#send(payload);
      localStorage.setItem('notes_queue', '[]');
      this.onStateChange('connected');
    };
  }

  put(note) {
    const payload = {type: 'entity_update', entityType: 'note', entityId: note.id, data: note};
    if (this.#socket.readyState === WebSocket.OPEN) return this.#send(payload);
    this.#queue.push({type: 'send_message', payload, id: crypto.randomUUID()});
    localStorage.setItem('notes_queue', JSON.stringify(this.#queue));
  }

  #send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #take({type, changes, lsn}) {
    if (type !== 'changes') return;
    for (const {entityId, data} of changes) this.#rows.set(entityId, data);
    localStorage.setItem('notes_rows', JSON.stringify([...this.#rows]));
    localStorage.setItem('sync_last_lsn', lsn);
    this.onRows(this.rows);
  }
}
