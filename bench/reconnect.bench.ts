/**
 * A server that restarts under a thousand clients, on the simulator's virtual clock: the product's engines, connections and
 * backoff against the product's sessions. How flat is their return, with the server's word for when to come back (`drain`
 * and the turnstile) and without any?
 */

import {restartUnder} from './reconnect-crowd.js';
import {report} from './report.js';

const CLIENTS = 1000;
const DOWNTIMES = [0, 5, 30];

const figures = [];
for (const seconds of DOWNTIMES) {
  const spread = await restartUnder(CLIENTS, {seconds, spreading: true});
  const alone = await restartUnder(CLIENTS, {seconds, spreading: false});
  const after = `server away for ${seconds} s`;
  figures.push(
    {
      name: `${after}: reconnects in the fullest second`,
      value: spread.fullestSecond,
      unit: 'clients',
      goal: {atMost: 100},
    },
    {name: `${after}: clients back`, value: spread.back, unit: 'clients', goal: {atLeast: CLIENTS}},
    {name: `${after}: the last one back after`, value: spread.lastAfter, unit: 's'},
    {name: `${after}: sockets opened for it`, value: spread.dials, unit: 'sockets'},
    {
      name: `${after}, killed, no spreading: reconnects in the fullest second`,
      value: alone.fullestSecond,
      unit: 'clients',
    },
    {name: `${after}, killed, no spreading: the last one back after`, value: alone.lastAfter, unit: 's'},
  );
}
report('reconnect', figures);
