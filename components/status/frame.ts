/** The parts of a status, each still empty. A page may hold a thousand, so they are made once and copied. */
import {make} from '../shared/bare-element.js';
import {SVG} from './painter.js';

let made: HTMLElement | undefined;

export function statusFrame(): HTMLElement {
  made ??= build();
  return made.cloneNode(true) as HTMLElement;
}

function build(): HTMLElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  return make(
    'span',
    {class: 'base', part: 'base'},
    make('span', {class: 'icon', part: 'icon'}, make('slot', {name: 'icon'}, svg)),
    make(
      'span',
      {class: 'texts'},
      make(
        'span',
        {class: 'lead'},
        make('span', {class: 'label', part: 'label', id: 'label'}, make('slot', {name: 'label'})),
        make('span', {class: 'more count', part: 'count'}),
      ),
      make('span', {class: 'more note', part: 'note'}),
      make('span', {class: 'more time', part: 'time'}),
    ),
    make('button', {class: 'button', part: 'action', type: 'button'}),
  );
}
