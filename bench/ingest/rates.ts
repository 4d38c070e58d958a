/** The same feed to everyone, by turns, and what comes of it. */
import type {Figure} from '../report.js';
import {medianRatio, quantile} from '../statistics.js';
import {BARE, type Contender, OURS} from './contenders.js';
import type {Feeder} from './feeder.js';
import type {Feed} from './frames.js';
import {ingest} from './stage.js';

/** Changes a second of each round, by contender. */
export type Rates = ReadonlyMap<Contender, readonly number[]>;

export async function measureRates(
  contenders: readonly Contender[],
  feeder: Feeder,
  feed: Feed,
  rounds: number,
): Promise<Rates> {
  const rates = new Map<Contender, number[]>(contenders.map(contender => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another one, so that nobody always follows the same.
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + round) % contenders.length];
      if (!contender) continue;
      const rate = (feed.rows / (await ingest(contender, feeder, feed))) * 1000;
      rates.get(contender)?.push(rate);
      console.log(`round ${round + 1}  ${contender.title.padEnd(28)} ${Math.round(rate).toLocaleString('en')}`);
    }
  }
  return rates;
}

export const medianRate = (rates: readonly number[]): number => quantile(rates, 0.5);

export function rateFigures(rates: Rates): Figure[] {
  const of = (name: string) => [...rates].find(([contender]) => contender.name === name)?.[1];
  const figures: Figure[] = [...rates].flatMap(([{title}, values]) => [
    {name: title, value: medianRate(values), unit: 'changes/s'},
    {
      name: `${title}: spread, slowest to fastest round`,
      value: (100 * (Math.max(...values) - Math.min(...values))) / medianRate(values),
      unit: '%',
    },
  ]);
  const ours = of(OURS);
  if (ours === undefined) return figures;
  const against = (name: string, other: readonly number[] | undefined, atLeast?: number) => {
    if (other === undefined) return;
    const value = medianRatio(ours, other);
    figures.push({name, value, unit: '×', ...(atLeast === undefined ? {} : {goal: {atLeast}})});
  };
  against('ours against bare', of(BARE), 0.6);
  against('ours against bare, floor', of(BARE), 0.45);
  against('ours against Dexie', of('dexie'), 6);
  against('ours against the old way', of('old-way'));
  const [best] = [...rates]
    .filter(([{name, perCommit, runs}]) => name !== OURS && perCommit && runs === 'worker')
    .sort(([, a], [, b]) => medianRate(b) - medianRate(a));
  if (best) against(`ours against the best peer that is durable per commit, ${best[0].title}`, best[1], 4);
  return figures;
}
