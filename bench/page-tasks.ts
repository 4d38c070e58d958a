/**
 * How long a page's main thread was busy, task by task, in thread time: what the tasks themselves used, whatever else the
 * machine was doing. A `longtask` observer counts waiting for a processor as well, and cries wolf on a busy machine.
 */
import type {Browser, Page} from 'playwright-core';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** Microseconds of thread time. */
  tdur?: number;
  args?: {name?: string};
}

export interface PageTasks {
  count: number;
  /** Milliseconds of thread time. */
  longest: number;
  over50: number;
  /** What of them was over 50 ms: as long somebody's key may have had to wait. */
  blocking: number;
  total: number;
  /** What of the total made pictures of what had changed, whoever changed it. */
  drawing: number;
}

/** Traces `page` while `work` runs. */
export async function tracePageTasks(browser: Browser, page: Page, work: () => Promise<void>): Promise<PageTasks> {
  await browser.startTracing(page, {
    // No 'toplevel': it tells of every thread of every process, and half a minute of that is more than a string can hold.
    categories: ['disabled-by-default-devtools.timeline', '__metadata'],
  });
  await work();
  const trace = JSON.parse(String(await browser.stopTracing())) as {traceEvents: TraceEvent[]};
  const processId = pageProcess(trace.traceEvents);
  const main = trace.traceEvents.find(
    ({name, pid, args}) => name === 'thread_name' && pid === processId && args?.name === 'CrRendererMain',
  );
  const events = trace.traceEvents.filter(({ph, pid, tid}) => ph === 'X' && pid === processId && tid === main?.tid);
  const run = events.filter(({name}) => /RunTask$/.test(name));
  const tasks = run.map(milliseconds);
  const pictures = events.filter(({name}) => name === 'Commit');
  const drawn = run.filter(({ts, dur = 0}) => pictures.some(picture => ts <= picture.ts && picture.ts < ts + dur));
  if (tasks.length === 0) throw new Error('The trace holds no task of the page: nothing was measured');
  return {
    count: tasks.length,
    longest: Math.max(...tasks),
    over50: tasks.filter(task => task > 50).length,
    blocking: tasks.reduce((sum, task) => sum + Math.max(0, task - 50), 0),
    total: tasks.reduce((sum, task) => sum + task, 0),
    drawing: drawn.map(milliseconds).reduce((sum, task) => sum + task, 0),
  };
}

const milliseconds = ({tdur = 0}: TraceEvent) => tdur / 1000;

/** The process of the page: the one whose main thread ran most, as all others of the trace are idle helpers. */
function pageProcess(events: readonly TraceEvent[]): number {
  const busy = new Map<number, number>();
  const mains = new Set(
    events
      .filter(({name, args}) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({pid, tid}) => `${pid}/${tid}`),
  );
  for (const {pid, tid, ph, tdur = 0} of events) {
    if (ph === 'X' && mains.has(`${pid}/${tid}`)) busy.set(pid, (busy.get(pid) ?? 0) + tdur);
  }
  return [...busy].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}
