/** The platform of one tab: its profile's clock, disk, locks, channels and network, and an account of what it holds of them. */
import type {Clock, NetworkPort, Platform, SocketPort} from '../../src/platform/platform.js';
import {unwatched} from './crossings.js';
import {Link} from './network.js';
import type {Profile} from './profile.js';
import {type OpenDatabases, simulatedStorage} from './storage.js';
import {Violation} from './trace.js';
import type {Process} from './virtual-time.js';
import {watchedPlatform} from './watched-platform.js';

/** Timers of one tab: more are a leak. */
const MOST_TIMERS = 40;

export interface Host {
  process: Process;
  databases: OpenDatabases;
  /** Timers that are set, and listeners of the network. */
  timers: number;
  listeners: number;
  /** A fault struck: the tab is gone. */
  crash(): void;
}

export function virtualPlatform(profile: Profile, host: Host): Platform {
  const {time, random, sabotage, cross} = profile.world;
  const {process, databases, crash} = host;
  const locks = profile.locks.port(process);
  const storage = simulatedStorage({time, random, disk: profile.disk, tab: process, crash, databases, cross});
  const platform: Platform = {
    clock: virtualClock(profile, host),
    random: {fraction: random.fraction, uuid: random.uuid},
    sockets: sabotage.sockets?.(sockets(profile, process)) ?? sockets(profile, process),
    storage: sabotage.storage?.(storage) ?? storage,
    locks: sabotage.locks?.(locks) ?? locks,
    channels: profile.channels.port(process),
    network: network(profile, host),
    estimate: async () => null,
    alone: () => {
      throw new Error('No tab of the simulator has a database of its own');
    },
  };
  return cross === unwatched ? platform : watchedPlatform(platform, (what, act) => cross(process, what, act));
}

function virtualClock(profile: Profile, host: Host): Clock {
  const {time, fail} = profile.world;
  return {
    now: () => Math.round(time.now + profile.wallOffset),
    monotonic: () => time.elapsed + profile.runningOffset,
    timer: (ms, fire) => {
      let pending = true;
      const over = () => {
        if (pending) host.timers--;
        pending = false;
      };
      if (++host.timers > MOST_TIMERS)
        fail(new Violation('14 bounded', `${host.process.name} has ${host.timers} timers`));
      const cancel = time.at(ms, host.process, () => {
        over();
        fire();
      });
      return () => {
        over();
        cancel();
      };
    },
  };
}

function network(profile: Profile, host: Host): NetworkPort {
  return {
    online: () => profile.online,
    subscribe: listener => {
      host.listeners++;
      const remove = profile.listen(host.process, listener);
      return () => {
        if (remove()) host.listeners--;
      };
    },
  };
}

function sockets(profile: Profile, tab: Process): SocketPort {
  const {time, random, server, trace} = profile.world;
  return {
    connect: (_url, handlers) => {
      const run = server.process ?? {name: 'nobody', alive: false, frozen: false};
      const link = new Link(time, random, tab, run, {
        ...handlers,
        message: text => {
          trace.add(tab.name, `◄ ${text}`);
          handlers.message(text);
        },
        close: (code, reason) => {
          trace.add(tab.name, `◄ closed ${code} ${reason}`);
          handlers.close(code, reason);
        },
      });
      link.down.rate = profile.bandwidth;
      profile.links.push(link);
      profile.dials++;
      const refused = () => time.at(random.fraction() * 500, tab, () => link.endClient(1006, ''));
      if (profile.reach === 'refused' || (profile.reach === 'up' && !run.alive)) refused();
      else if (profile.reach === 'up') {
        time.at(10 + random.fraction() * 60, run, () => {
          server.accept(link);
          time.at(10 + random.fraction() * 60, tab, () => link.open());
        });
        // The server may die before it takes the call.
        time.at(1000, tab, () => {
          if (!link.serverHandlers) refused();
        });
      }
      const socket = link.clientSocket();
      return {
        send: text => {
          trace.add(tab.name, `► ${text}`);
          socket.send(text);
        },
        close: (code, reason) => {
          trace.add(tab.name, `► close ${code} ${reason}`);
          socket.close(code, reason);
        },
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
      };
    },
  };
}
