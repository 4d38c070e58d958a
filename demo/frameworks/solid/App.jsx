import {createSignal, Show} from 'solid-js';
import {Board} from './Board.jsx';
import {nameOf} from './tasks.js';
import {createWorkOffline} from './workOffline.js';

export function App() {
  const [open, setOpen] = createSignal(true);
  const closed = (
    <main class="closed">
      <p>The board is closed. Its rows, and what was not sent, stay on this device.</p>
      <button class="button" type="button" onClick={() => setOpen(true)}>
        Open the board
      </button>
    </main>
  );
  return (
    <Show when={open()} fallback={closed}>
      <Workspace leave={() => setOpen(false)} />
    </Show>
  );
}

/** Everything in the provider finds it by itself; the board is handed it, because it reads and writes. */
function Workspace(props) {
  const [provider, setProvider] = createSignal();
  const [pending, setPending] = createSignal(0);
  const [offline, setOffline] = createWorkOffline();
  return (
    <sync-provider
      ref={setProvider}
      url="/api/sync"
      database="board-solid"
      types="task"
      prop:paused={offline()}
      on:sync-state-change={event => setPending(event.state.pending)}
    >
      <header class="top">
        <div class="top-inner">
          <a class="brand" href="../../frameworks.html">
            Sync Elements
          </a>
          <nav aria-label="Pages">
            <a href="../../frameworks.html">All frameworks</a>
          </nav>
          <div class="line">
            <sync-status details />
            <label class="switch">
              <input type="checkbox" checked={offline()} onChange={event => setOffline(event.target.checked)} />
              <span>Work offline</span>
            </label>
          </div>
        </div>
      </header>
      <main>
        <section class="intro">
          <div>
            <h1>Team board in Solid</h1>
            <p>Signals for what is open, the live list by from, and the elements as they are.</p>
          </div>
          <p class="actions">
            <button class="button" type="button" onClick={() => props.leave()}>
              Close the board
            </button>
          </p>
        </section>
        <sync-when status="error">
          <section class="refused">
            <h2>The server refused a change</h2>
            <sync-queue filter="failed" />
          </section>
        </sync-when>
        <Show when={provider()}>{provider => <Board provider={provider()} />}</Show>
        <details class="waiting">
          <summary>Changes on this device: {pending()}</summary>
          <sync-queue filter="pending" prop:naming={nameOf} />
        </details>
      </main>
    </sync-provider>
  );
}
