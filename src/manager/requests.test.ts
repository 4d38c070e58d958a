import {expect} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
import {type PageMessage, SyncError} from '../protocol/protocol.js';
import {Requests} from './requests.js';

describe('what was asked and not answered', () => {
  let requests: Requests;
  let posted: PageMessage[];
  beforeEach(() => {
    requests = new Requests();
    posted = [];
  });
  const post = (message: PageMessage) => void posted.push(structuredClone(message));
  const names = () => posted.map(said => (said.kind === 'request' ? said.request.do : said.kind));
  const ids = () => posted.flatMap(said => ('id' in said ? [said.id] : []));

  it('waits for an engine, and is asked in its order', async () => {
    const operations = requests.ask<string>({do: 'operations', stage: null});
    void requests.ask({do: 'diagnostics'});
    expect(posted).to.deep.equal([]);
    requests.attach(post);
    expect(names()).to.deep.equal(['operations', 'diagnostics']);
    requests.resolve(ids()[0] ?? 0, 'the answer');
    expect(await operations).to.equal('the answer');
  });
  it('is asked of the next engine under the same id, but for what was answered', async () => {
    requests.attach(post);
    const first = requests.ask({do: 'flush'});
    void requests.ask({do: 'connect'});
    const [flush, connect] = ids();
    requests.resolve(flush ?? 0, undefined);
    await first;
    requests.detach();
    posted.length = 0;
    requests.attach(post);
    expect(names()).to.deep.equal(['connect']);
    expect(ids()).to.deep.equal([connect]);
  });
  for (const request of [
    {do: 'retry', operation: 'a'},
    {do: 'discard', operation: 'a'},
    {do: 'replace', operation: 'a', by: {id: 'b', type: 'x'}},
    {do: 'clearQueue'},
  ] as const) {
    it(`does not make the decision '${request.do}' twice: it may have been done`, async () => {
      requests.attach(post);
      const answer = requests.ask(request);
      requests.detach();
      expect(await rejectionCode(answer)).to.equal('interrupted');
      posted.length = 0;
      requests.attach(post);
      expect(posted).to.deep.equal([]);
    });
    it(`makes the decision '${request.do}' that no engine has heard of`, async () => {
      requests.attach(post);
      requests.detach();
      const answer = requests.ask(request);
      requests.attach(post);
      requests.resolve(ids()[0] ?? 0, 'done');
      expect(await answer).to.equal('done');
    });
  }
  it('that is taken back is cancelled at the engine that was asked, and not asked again', async () => {
    requests.attach(post);
    const controller = new AbortController();
    const answer = requests.ask({do: 'flush'}, controller.signal);
    controller.abort(new SyncError('cancelled', 'enough'));
    expect(await rejectionCode(answer)).to.equal('cancelled');
    expect(names()).to.deep.equal(['flush', 'cancel']);
    requests.detach();
    posted.length = 0;
    requests.attach(post);
    expect(posted).to.deep.equal([]);
  });
  it('that is taken back before an engine is there is never asked', async () => {
    const controller = new AbortController();
    const answer = requests.ask({do: 'flush'}, controller.signal);
    controller.abort(new SyncError('cancelled', 'enough'));
    expect(await rejectionCode(answer)).to.equal('cancelled');
    expect(await rejectionCode(requests.ask({do: 'flush'}, controller.signal))).to.equal('cancelled');
    requests.attach(post);
    expect(posted).to.deep.equal([]);
  });
  it('leaves nothing on a signal that lives on', async () => {
    let listeners = 0;
    const {signal} = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: EventListener) => {
      listeners++;
      add(type, listener);
    };
    signal.removeEventListener = (type: string, listener: EventListener) => {
      listeners--;
      remove(type, listener);
    };
    requests.attach(post);
    const answer = requests.ask({do: 'flush'}, signal);
    expect(listeners).to.equal(1);
    requests.resolve(ids()[0] ?? 0, undefined);
    await answer;
    expect(listeners).to.equal(0);
  });
  it('that can not be handed over is refused, and keeps nothing else from being asked', async () => {
    const query = {where: {at: (() => {}) as never}};
    const bad = requests.ask({do: 'list', type: 't', query});
    const good = requests.ask({do: 'flush'});
    requests.attach(post);
    expect(await rejectionCode(bad)).to.equal('invalid-query');
    expect(names()).to.deep.equal(['flush']);
    requests.resolve(ids()[0] ?? 0, 'done');
    expect(await good).to.equal('done');
  });
  it('ends with all of it rejected', async () => {
    const all = [requests.ask({do: 'flush'}), requests.ask({do: 'connect'})];
    requests.rejectAll(new SyncError('closed', 'over'));
    for (const each of all) expect(await rejectionCode(each)).to.equal('closed');
  });
});
