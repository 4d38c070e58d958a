/** Types that a page merges in reach from the provider and the service to each column of a row. */
import {WorkerSyncService} from 'sync-elements';
import 'sync-elements/define';

interface Task {
  id: string;
  title: string;
  done: boolean;
}
declare module 'sync-elements' {
  interface Entities {
    task: Task;
  }
}

const service = new WorkerSyncService({url: '/api/sync'});
const provider = document.createElement('sync-provider');
for (const each of [service, provider]) {
  each.live('task', {orderBy: 'title'}).subscribe(tasks => tasks?.map(task => task.title.trim()));
  // @ts-expect-error a task has no such column
  each.live('task').subscribe(tasks => tasks?.map(task => task.colour));
  // @ts-expect-error no such type
  each.live('place');
  // @ts-expect-error done is yes or no
  each.patch('task', '1', {done: 'yes'});
  // @ts-expect-error a whole row
  each.put('task', '1', {id: '1'});
}
export const title: Promise<string | undefined> = provider.get('task', '1').then(task => task?.title);

// Without types of its own, any type and any row.
const open = new WorkerSyncService<Record<never, never>>({url: '/api/sync'});
open.live('anything').subscribe(rows => rows?.map(row => row['column']));
