/**
 * WebKitGTK, driven over WebDriver's HTTP (https://www.w3.org/TR/webdriver2/), with a display, a driver and a browser of
 * its own, all of which end with `end()`, and with this process at the latest. Its tabs share one profile, which is in
 * memory and goes with it. Commands apply to the tab that was switched to last, so one runs at a time.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {findBrowser} from './browsers.mjs';
import {freePort} from './free-port.mjs';
import {Failure} from './proc.mjs';

/** Milliseconds, of which a busy machine needs a tenth. */
const LIMIT = {start: 45_000, end: 10_000, script: 60_000};

/** Starts a program whose end is ours too: in our process group, so that signals of a terminal reach it as well. */
function start(command, args, options) {
  const child = spawn(command, args, options);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const gone = once(child, 'exit').finally(() => process.off('exit', kill));
  const failed = gone.then(([code, signal]) => {
    throw new Failure(`${command} ended with ${code ?? signal}.`);
  });
  failed.catch(() => {});
  const end = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(kill, LIMIT.end);
    await gone.catch(() => {});
    clearTimeout(late);
  };
  return {child, failed, end};
}

/** The server picks a free display and writes its number. */
async function startDisplay() {
  const display = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = await Promise.race([once(display.child.stdio[3], 'data'), display.failed]);
  return {...display, name: `:${String(number).trim()}`};
}

async function send(address, method, path, {body, signal} = {}) {
  const response = await fetch(address + path, {method, signal, body: body && JSON.stringify(body)});
  const {value} = await response.json();
  if (!response.ok) throw new Error(`WebDriver ${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

async function startDriver(display, signal) {
  const address = `http://127.0.0.1:${await freePort()}`;
  const driver = start(findBrowser('webkit'), [`--port=${new URL(address).port}`], {
    // Through a proxy the driver would never find its browser.
    env: {...process.env, DISPLAY: display, no_proxy: '127.0.0.1,localhost'},
    // What GTK has to say about a machine without a desktop is no concern of the tests.
    stdio: 'ignore',
  });
  const answers = async () => {
    for (;;) {
      const status = await send(address, 'GET', '/status', {signal}).catch(() => undefined);
      if (status?.ready) return;
      signal.throwIfAborted();
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  };
  await Promise.race([answers(), driver.failed]);
  return {...driver, address};
}

/** Starts WebKitGTK with one tab. */
export async function startWebKit() {
  const ends = [];
  const end = async () => {
    for (const each of ends.splice(0).reverse()) await each();
  };
  try {
    const signal = AbortSignal.timeout(LIMIT.start);
    const display = await startDisplay();
    ends.push(display.end);
    const {address, ...driver} = await startDriver(display.name, signal);
    ends.push(driver.end);
    const capabilities = {alwaysMatch: {timeouts: {script: LIMIT.script}}};
    const {sessionId} = await send(address, 'POST', '/session', {body: {capabilities}, signal});
    const session = `/session/${sessionId}`;
    ends.push(() => send(address, 'DELETE', session, {signal: AbortSignal.timeout(LIMIT.end)}).catch(() => {}));
    return new WebKit((method, path, body, signal) => send(address, method, session + path, {body, signal}), end);
  } catch (error) {
    await end();
    throw new Failure(`WebKitGTK did not start: ${error.message}`);
  }
}

class WebKit {
  #send;
  #current;
  #queue = Promise.resolve();

  constructor(send, end) {
    this.#send = send;
    this.end = end;
  }

  async tabs() {
    return this.#inTurn(() => this.#send('GET', '/window/handles'));
  }

  async newTab() {
    const {handle} = await this.#inTurn(() => this.#send('POST', '/window/new', {type: 'tab'}));
    return handle;
  }

  /** Resolves once the page has loaded. */
  goto(tab, url) {
    return this.#inTab(tab, () => this.#send('POST', '/url', {url}));
  }

  url(tab) {
    return this.#inTab(tab, () => this.#send('GET', '/url'));
  }

  /**
   * The value of an expression, awaited. It rejects for a promise that is not settled within so many milliseconds: here too,
   * as the driver has the page itself watch the time, and one that goes into the back-forward cache while it is asked stands
   * still with it.
   */
  async evaluate(tab, expression, limit = LIMIT.script + 5000) {
    const script = `const answer = arguments[0];
      Promise.resolve().then(() => ${expression})
        .then(value => answer({value}), error => answer({error: String(error)}))`;
    const ask = () => this.#send('POST', '/execute/async', {script, args: []}, AbortSignal.timeout(limit));
    const {value, error} = await this.#inTab(tab, ask);
    if (error !== undefined) throw new Error(error);
    return value;
  }

  closeTab(tab) {
    return this.#inTab(tab, async () => {
      this.#current = undefined;
      await this.#send('DELETE', '/window');
    });
  }

  #inTab(tab, command) {
    return this.#inTurn(async () => {
      if (tab !== this.#current) await this.#send('POST', '/window', {handle: tab});
      this.#current = tab;
      return command();
    });
  }

  #inTurn(command) {
    const result = this.#queue.then(command);
    this.#queue = result.catch(() => {});
    return result;
  }
}
