import {expect} from '@open-wc/testing';
import {Listeners} from './listeners.js';

interface Events {
  a: number;
  b: string;
  toString: number;
}

describe('listeners', () => {
  let heard: string[];
  let errors: unknown[];
  let listeners: Listeners<Events>;
  beforeEach(() => {
    heard = [];
    errors = [];
    listeners = new Listeners(error => errors.push(error));
  });
  const hear = (who: string) => (detail: number | string) => void heard.push(`${who} ${detail}`);

  it('hear what is theirs, in the order in which they came', () => {
    listeners.add('a', hear('x'));
    listeners.add('b', hear('y'));
    listeners.add('a', hear('z'));
    listeners.emit('a', 1);
    listeners.emit('b', 't');
    expect(heard).to.deep.equal(['x 1', 'z 1', 'y t']);
  });
  it('that nobody added are no error, whatever the name', () => {
    listeners.emit('toString', 1);
    listeners.add('toString', hear('x'));
    listeners.emit('toString', 2);
    expect(heard).to.deep.equal(['x 2']);
  });
  it('added twice hear twice, and each has a remover of its own', () => {
    const same = hear('x');
    const first = listeners.add('a', same);
    listeners.add('a', same);
    listeners.emit('a', 1);
    first();
    first();
    listeners.emit('a', 2);
    expect(heard).to.deep.equal(['x 1', 'x 1', 'x 2']);
  });
  it('are counted as they come and go, each once', () => {
    const counts: string[] = [];
    listeners = new Listeners(
      () => {},
      (name, count) => counts.push(`${String(name)} ${count}`),
    );
    const leave = new AbortController();
    const first = listeners.add('a', hear('x'));
    listeners.add('a', hear('y'), leave.signal);
    first();
    first();
    leave.abort();
    expect(counts).to.deep.equal(['a 1', 'a 2', 'a 1', 'a 0']);
  });
  it('that throw keep nobody else from hearing, and are reported', () => {
    const error = new Error('mine');
    listeners.add('a', () => {
      throw error;
    });
    listeners.add('a', hear('x'));
    listeners.emit('a', 1);
    expect(heard).to.deep.equal(['x 1']);
    expect(errors).to.deep.equal([error]);
  });
  it('that are added while one hears wait for the next time', () => {
    listeners.add('a', () => listeners.add('a', hear('late')));
    listeners.emit('a', 1);
    expect(heard).to.deep.equal([]);
    listeners.emit('a', 2);
    expect(heard).to.deep.equal(['late 2']);
  });
  it('that are removed by another one before their turn do not hear any more', () => {
    let remove = () => {};
    listeners.add('a', () => remove());
    remove = listeners.add('a', hear('gone'));
    listeners.emit('a', 1);
    expect(heard).to.deep.equal([]);
  });
  it('end with their signal', () => {
    const controller = new AbortController();
    listeners.add('a', hear('x'), controller.signal);
    listeners.add('a', hear('never'), AbortSignal.abort());
    listeners.emit('a', 1);
    controller.abort();
    listeners.emit('a', 2);
    expect(heard).to.deep.equal(['x 1']);
  });
  it('are all gone after clear', () => {
    const remove = listeners.add('a', hear('x'));
    listeners.clear();
    listeners.emit('a', 1);
    remove();
    expect(heard).to.deep.equal([]);
  });
});
