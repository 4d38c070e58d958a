import {useState} from 'react';
import {Board} from './Board.jsx';
import {nameOf} from './tasks.js';
import {useWorkOffline} from './useWorkOffline.js';

export function App() {
  const [open, setOpen] = useState(true);
  if (open) return <Workspace leave={() => setOpen(false)} />;
  return (
    <main className="closed">
      <p>The board is closed. Its rows, and what was not sent, stay on this device.</p>
      <button className="button" type="button" onClick={() => setOpen(true)}>
        Open the board
      </button>
    </main>
  );
}

/** Everything in the provider finds it by itself; the board is handed it, because it reads and writes. */
function Workspace({leave}) {
  const [provider, setProvider] = useState(null);
  const [pending, setPending] = useState(0);
  const [offline, setOffline] = useWorkOffline();
  return (
    <sync-provider
      ref={setProvider}
      url="/api/sync"
      database="board-react"
      types="task"
      paused={offline}
      onsync-state-change={event => setPending(event.state.pending)}
    >
      <header className="top">
        <div className="top-inner">
          <a className="brand" href="../../frameworks.html">
            Sync Elements
          </a>
          <nav aria-label="Pages">
            <a href="../../frameworks.html">All frameworks</a>
          </nav>
          <div className="line">
            <sync-status details />
            <label className="switch">
              <input type="checkbox" checked={offline} onChange={event => setOffline(event.target.checked)} />
              <span>Work offline</span>
            </label>
          </div>
        </div>
      </header>
      <main>
        <section className="intro">
          <div>
            <h1>Team board in React</h1>
            <p>Hooks for what is open, the live list by useSyncExternalStore, and the elements as they are.</p>
          </div>
          <p className="actions">
            <button className="button" type="button" onClick={leave}>
              Close the board
            </button>
          </p>
        </section>
        <sync-when status="error">
          <section className="refused">
            <h2>The server refused a change</h2>
            <sync-queue filter="failed" />
          </section>
        </sync-when>
        {provider && <Board provider={provider} />}
        <details className="waiting">
          <summary>Changes on this device: {pending}</summary>
          <sync-queue filter="pending" naming={nameOf} />
        </details>
      </main>
    </sync-provider>
  );
}
