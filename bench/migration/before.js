/**
 * Before: the client on the page's thread. It has the socket, parses, and keeps a record a row, one transaction a frame, one
 * frame after another. In one thing it is better than those it stands for: a position is written with its rows. It also says what
 * it has kept, which the plan's did not, so that the bench knows when live traffic has arrived.
 */
import {createStore, get, setMany, values} from 'idb-keyval';

const POSITION = 'position';

/** @param app `{owner, show, synced}`: whose rows to show, and whom to tell */
export async function start({owner, show, synced}) {
  const store = createStore('old-client', 'rows');
  const shown = new Map();
  const look = rows => {
    const own = rows.filter(row => row.owner === owner);
    for (const row of own) shown.set(row.id, row);
    if (own.length > 0) show([...shown.values()]);
  };
  const lastLSN = await get(POSITION, store);
  if (lastLSN) look(await values(store));

  const socket = new WebSocket(`${location.href.replace('http', 'ws')}api/sync`);
  const say = frame => socket.send(JSON.stringify(frame));
  const apply = async ({type, changes = [], lsn, n}) => {
    const records = changes.map(({entityType, entityId, data}) => [`${entityType}/${entityId}`, data]);
    await setMany(lsn ? [...records, [POSITION, lsn]] : records, store);
    look(changes.map(({data}) => data));
    if (n) say({type: 'received', n});
    if (type === 'sync_complete') synced();
  };
  let last = Promise.resolve();
  socket.addEventListener('open', () => say({type: 'sync', clientId: 'old', lastLSN: lastLSN ?? '0/0'}));
  socket.addEventListener('message', ({data}) => {
    const frame = JSON.parse(data);
    if (frame.type === 'sync_start') return frame.mode === 'live' && synced();
    // The server is where a failure is noticed: nothing more comes from here.
    last = last.then(() => apply(frame)).catch(error => socket.close(4000, String(error).slice(0, 100)));
  });
}
