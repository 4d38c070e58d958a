import {make} from './bare-element.js';

/** Whether what stands in an element shows. A server may have rendered the slot. */
export function showSlotted(root: ParentNode, shows: boolean): void {
  const slot = root.querySelector('slot');
  if (!shows) slot?.remove();
  else if (!slot) root.append(make('slot', {}));
}
