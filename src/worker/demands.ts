/**
 * What a server may ask of a client, and how often. What it sends is bounded by the window and by the time that it takes;
 * here is what costs the client, or the other tabs, more than it costs the server.
 */
import type {Clock} from '../platform/platform.js';
import {SyncError} from '../protocol/protocol.js';
import {Allowance} from './allowance.js';
import type {Ears} from './hear.js';

/** Streams that begin again, and one more each second: a gap, a word of the server's or a reset is rare by itself. */
const RESTARTS = {most: 10, every: 1000};
/** Pings that are answered, and complaints that the page is told of. */
const WORDS = {most: 100, every: 100};

/** Hears as much as any server has to say. One that goes on and on is broken, or hostile: its line is closed. */
export function bounded(clock: Clock, ears: Ears): Ears {
  const restarts = new Allowance(clock, RESTARTS.most, RESTARTS.every);
  const pings = new Allowance(clock, WORDS.most, WORDS.every);
  const complaints = new Allowance(clock, WORDS.most, WORDS.every);
  const flooded = (by: string) => ears.malformed(new SyncError('server-flood', `The server floods this client: ${by}`));
  return {
    ...ears,
    request: () => (restarts.take() ? ears.request() : flooded('the stream begins again and again')),
    // It has heard that this client lives: not each of them needs its own answer.
    ping: t => pings.take() && ears.ping(t),
    complaint: frame => (complaints.take() ? ears.complaint(frame) : flooded('it complains without end')),
    data: (frame, text) => {
      if (frame.type === 'reset' && !restarts.take()) flooded('its history changes all the time');
      else ears.data(frame, text);
    },
  };
}
