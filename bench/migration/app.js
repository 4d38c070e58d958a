/** The app that both clients carry: the rows of one owner as a list, and a field to type into. */
import * as after from './after.js';
import * as before from './before.js';

const clients = {
  before: before.start,
  after: after.start,
  // The server stays as it is, and speaks the plan's words.
  halfway: app => after.start(app, {dialect: '/compat/plan-dialect.js'}),
};
const drawn = () =>
  new Promise(resolve => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = resolve;
    requestAnimationFrame(() => port2.postMessage(null));
  });

const list = document.querySelector('ul');
const items = new Map();
let whenShown = () => {};

function show(rows) {
  for (const {id, title} of rows) {
    let item = items.get(id);
    if (!item) {
      item = list.appendChild(document.createElement('li'));
      items.set(id, item);
    }
    if (item.textContent !== title) item.textContent = title;
  }
  whenShown();
}

/** From a key's press, as the browser noted it, to the picture in which it shows. Milliseconds. */
const latencies = [];
document.querySelector('input').addEventListener('keydown', async ({timeStamp}) => {
  await drawn();
  latencies.push(performance.now() - timeStamp);
});

globalThis.app = {
  /** Starts a client; milliseconds until it has all rows. */
  start(client, {owner, end}) {
    const started = performance.now();
    const since = () => performance.now() - started;
    app.firstRow = new Promise(resolve => {
      whenShown = () => {
        whenShown = () => {};
        drawn().then(() => resolve(since()));
      };
    });
    return new Promise((resolve, reject) => {
      clients[client]({owner, end, show, synced: () => resolve(since())}).catch(reject);
    });
  },
  /** Milliseconds from the start until a row was drawn. */
  firstRow: undefined,
  get latencies() {
    return latencies.length;
  },
  takeLatencies: () => latencies.splice(0),
  titles: () => [...items.values()].map(item => item.textContent),
};
