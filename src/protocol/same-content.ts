import type {Operation} from './model.js';

/** Whether two with one id say the same, whenever and however urgently. */
export function sameContent(one: Operation, other: Operation): boolean {
  const content = ({type, entityType, entityId, payload, partial, base}: Operation) =>
    JSON.stringify([type, entityType, entityId, payload, partial, base]);
  return content(one) === content(other);
}
