/** The server's end of a link, in the shape of a `ws` socket. */
import type {WebSocket} from 'ws';
import type {Link} from './network.js';

/** As much of a `ws` socket as server/session/socket.ts uses. */
export function fakeWebSocket(link: Link, sent: (text: string) => void): WebSocket {
  let closing = false;
  let paused = false;
  const fake = {
    OPEN: 1,
    get readyState() {
      return link.serverClosed ? 3 : closing ? 2 : 1;
    },
    get bufferedAmount() {
      return link.down.bytes;
    },
    get isPaused() {
      return paused;
    },
    send: (text: string, flushed: () => void) => {
      sent(text);
      link.send(text, flushed);
    },
    pause: () => {
      paused = true;
      link.up.stop('paused', true);
    },
    resume: () => {
      paused = false;
      link.up.stop('paused', false);
    },
    close: (code: number, reason: string) => {
      if (closing || link.serverClosed) return;
      closing = true;
      link.closeFromServer(code, reason);
    },
    terminate: () => link.reset(),
  };
  return fake as unknown as WebSocket;
}
