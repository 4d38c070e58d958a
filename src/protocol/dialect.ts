/** How to speak to a server that speaks otherwise: a translator between its frames and ours, one for each socket. */
import type {ClientFrame} from './frames.js';

export interface DialectLine {
  /** To the server, as text. @throws what the socket throws */
  send(text: string): void;
  /** To the client: a server's frame of docs/protocol.md, as text. It is checked like any other. */
  hear(text: string): void;
}

export interface Dialect {
  /**
   * The client says this. The first is `sync`, and wants a `welcome`.
   * @throws with the code `invalid-options` where nothing helps but other options: the line stays closed then
   */
  send(frame: ClientFrame): void;
  /** The server says this. */
  receive(text: string): void;
}

/** What the module of a dialect has as its default export. */
export type MakeDialect = (line: DialectLine) => Dialect;
