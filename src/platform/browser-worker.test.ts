import {expect} from '@open-wc/testing';
import {startWorker, writtenWorker} from './browser-worker.js';

describe('a worker that is written out', () => {
  it('is not started, and tells what would have been', () => {
    const native = globalThis.Worker;
    const written = writtenWorker(
      () => new Worker(new URL('./somewhere.js', location.href), {type: 'module', name: 'n'}),
    );
    expect(written).to.deep.equal({
      url: new URL('./somewhere.js', location.href).href,
      options: {type: 'module', name: 'n'},
    });
    expect(globalThis.Worker).to.equal(native);
  });
  it('that can not be evaluated leaves the constructor as it was', () => {
    const native = globalThis.Worker;
    const run = () =>
      writtenWorker(() => {
        throw new Error('no address');
      });
    expect(run).to.throw('no address');
    expect(globalThis.Worker).to.equal(native);
  });
});

describe('a worker from an address', () => {
  const says = (worker: Worker) =>
    new Promise((resolve, reject) => {
      worker.onmessage = event => resolve(event.data);
      worker.onerror = () => reject(new Error('it failed'));
    }).finally(() => worker.terminate());
  const script = (code: string) => URL.createObjectURL(new Blob([code], {type: 'text/javascript'}));

  it('of this origin is a module unless something else is said', async () => {
    const url = script(`postMessage(import.meta.url)`);
    expect(await says(startWorker(url))).to.equal(url);
  });
  it('of another origin is imported by a script of this one, whose address is given back', async () => {
    // A data address has an origin of its own, and CORS lets it be read.
    const made: string[] = [];
    const {createObjectURL, revokeObjectURL} = URL;
    URL.createObjectURL = object => {
      const url = createObjectURL.call(URL, object);
      made.push(url);
      return url;
    };
    URL.revokeObjectURL = url => {
      made.splice(made.indexOf(url), 1);
      revokeObjectURL.call(URL, url);
    };
    try {
      const worker = startWorker(`data:text/javascript,postMessage('from afar')`);
      expect(made).to.deep.equal([]);
      expect(await says(worker)).to.equal('from afar');
    } finally {
      Object.assign(URL, {createObjectURL, revokeObjectURL});
    }
  });
});
