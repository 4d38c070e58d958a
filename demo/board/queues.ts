/** The lists of changes: what people call one here, and a form to correct one that was refused. */
import type {QueuedOperation} from 'sync-elements';
import type {SyncEditRequestEvent, SyncProvider, SyncQueue} from 'sync-elements/components';
import {announce} from '../shared/announce.js';
import {find} from '../shared/page.js';
import type {BoardStore} from './board-store.js';

const titleIn = ({payload}: QueuedOperation) =>
  payload && typeof payload === 'object' && !Array.isArray(payload) && typeof payload['title'] === 'string'
    ? payload['title']
    : undefined;

export function setUpQueues(provider: SyncProvider, store: BoardStore): void {
  const naming = (operation: QueuedOperation) => {
    const title = titleIn(operation) ?? store.find(operation.entityId ?? '')?.title ?? 'A task';
    return `${operation.type === 'delete' ? 'Delete' : 'Save'} “${title}”`;
  };
  for (const id of ['#refused', '#waiting']) find<SyncQueue>(id).naming = naming;
  find('#refused').addEventListener('sync-edit-request', event => {
    correct(provider, store, (event as SyncEditRequestEvent).operation);
  });
}

function correct(provider: SyncProvider, store: BoardStore, operation: QueuedOperation): void {
  const dialog = find<HTMLDialogElement>('#correct');
  const text = find<HTMLTextAreaElement>('#correct-text');
  text.value = titleIn(operation) ?? store.find(operation.entityId ?? '')?.title ?? '';
  const close = async () => {
    if (dialog.returnValue !== 'save') return;
    const {id, type, entityType, entityId, partial, payload} = operation;
    const corrected = {...(payload as object), title: text.value.trim()};
    try {
      await provider.replace(id, {
        type,
        ...(entityType === undefined ? {} : {entityType}),
        ...(entityId === undefined ? {} : {entityId}),
        ...(partial === undefined ? {} : {partial}),
        payload: corrected,
      });
    } catch (error) {
      announce(`That could not be saved: ${error instanceof Error ? error.message : error}`);
    }
  };
  dialog.returnValue = '';
  dialog.addEventListener('close', () => void close(), {once: true});
  dialog.showModal();
}
