/** The channel between the tabs of one local database: says and hears announcements, and can tell whether it works. */
import type {Channel, Platform} from '../platform/platform.js';
import {type Announcement, CHANNEL_FORMAT, isOfNewerFormat, readAnnouncement} from './tracker.js';

/** How long a tab's word to itself may take. */
const ECHO_LIMIT = 1000;

export class TabChannel {
  readonly #platform: Platform;
  readonly #name: string;
  readonly #channel: Channel;
  #echo: ((id: string) => void) | undefined;
  #closed = false;

  /** @param outdated a tab of a newer version has spoken */
  constructor(platform: Platform, name: string, heard: (announcement: Announcement) => void, outdated: () => void) {
    this.#platform = platform;
    this.#name = name;
    this.#channel = platform.channels.open(name, message => {
      if (this.#closed) return;
      if (isOfNewerFormat(message)) return outdated();
      const announcement = readAnnouncement(message);
      if (!announcement) return;
      if (announcement.kind === 'echo') this.#echo?.(announcement.id);
      else heard(announcement);
    });
  }

  announce(announcement: Announcement): void {
    if (!this.#closed) this.#channel.post({format: CHANNEL_FORMAT, announcement});
  }

  /** Whether a word that is said on this channel arrives here. */
  hearsItself(signal: AbortSignal): Promise<boolean> {
    const {channels, clock, random} = this.#platform;
    const id = random.uuid();
    return new Promise(resolve => {
      // A channel does not hear what it says itself.
      const voice = channels.open(this.#name, () => {});
      const done = (heard: boolean) => {
        cancel();
        signal.removeEventListener('abort', stop);
        voice.close();
        this.#echo = undefined;
        resolve(heard);
      };
      const stop = () => done(false);
      const cancel = clock.timer(ECHO_LIMIT, stop);
      signal.addEventListener('abort', stop);
      this.#echo = heard => heard === id && done(true);
      voice.post({format: CHANNEL_FORMAT, announcement: {kind: 'echo', id} satisfies Announcement});
    });
  }

  /** Nothing is said or heard any more. */
  mute(): void {
    this.#closed = true;
  }

  close(): void {
    this.mute();
    this.#channel.close();
  }
}
