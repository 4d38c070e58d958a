/** The app that any client carries: the rows of one owner as a list, and a field to type into. Only that client is loaded. */
const clients = {
  none: async () => undefined,
  worker: () =>
    new Promise(resolve => {
      const worker = new Worker('/idle-worker.js', {type: 'module'});
      worker.onmessage = () => resolve(worker);
    }),
  before: async () => (await import('./before.js')).start,
  after: async () => (await import('./after.js')).start,
  // The server stays as it is, and speaks the plan's words.
  halfway: async () => {
    const {start} = await import('./after.js');
    return about => start(about, {dialect: '/compat/plan-dialect.js'});
  },
};
let loaded;
const drawn = () =>
  new Promise(resolve => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = resolve;
    requestAnimationFrame(() => port2.postMessage(null));
  });

const list = document.querySelector('ul');
const items = new Map();
/** Called after each drawing of rows. */
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
  async load(client) {
    loaded = await clients[client]();
  },
  /** Starts the client; milliseconds until it has all rows. */
  start({owner, owned, end}) {
    const started = performance.now();
    const since = () => performance.now() - started;
    const first = Promise.withResolvers();
    const all = Promise.withResolvers();
    app.firstRow = first.promise;
    app.inSight = all.promise;
    whenShown = () => {
      drawn().then(() => first.resolve(since()));
      if (items.size < owned) return;
      whenShown = () => {};
      drawn().then(() => all.resolve(since()));
    };
    return new Promise((resolve, reject) => {
      loaded({owner, end, show, synced: () => resolve(since())}).catch(reject);
    });
  },
  /** Milliseconds from the start until a row was drawn, and until all that are shown were. */
  firstRow: undefined,
  inSight: undefined,
  get latencies() {
    return latencies.length;
  },
  takeLatencies: () => latencies.splice(0),
  titles: () => [...items.values()].map(item => item.textContent),
};
