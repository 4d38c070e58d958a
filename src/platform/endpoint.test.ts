import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {localLine} from './endpoint.js';

describe('a line within one place', () => {
  const hear = (log: unknown[]) => (message: unknown) => void log.push(message);

  it('carries messages both ways, in order', async () => {
    const [one, other] = localLine();
    const heard: unknown[] = [];
    const heardBack: unknown[] = [];
    one.listen(hear(heardBack));
    other.listen(hear(heard));
    one.post(1);
    one.post(2);
    other.post('back');
    await settle();
    expect(heard).to.deep.equal([1, 2]);
    expect(heardBack).to.deep.equal(['back']);
  });
  it('delivers within the task, and not within the call', async () => {
    const [one, other] = localLine();
    const heard: unknown[] = [];
    other.listen(hear(heard));
    one.post(1);
    expect(heard).to.deep.equal([]);
    await null;
    expect(heard).to.deep.equal([1]);
  });
  it('keeps what came before somebody listens', async () => {
    const [one, other] = localLine();
    const heard: unknown[] = [];
    one.post(1);
    one.post(2);
    await settle();
    other.listen(hear(heard));
    one.post(3);
    await settle();
    expect(heard).to.deep.equal([1, 2, 3]);
  });
  it('copies, so that neither side sees what the other does to its own', async () => {
    const [one, other] = localLine();
    const heard: {n: number}[] = [];
    other.listen(message => heard.push(message as {n: number}));
    const mine = {n: 1};
    one.post(mine);
    mine.n = 2;
    await settle();
    expect(heard).to.deep.equal([{n: 1}]);
  });
  it('refuses what can not be copied, where it is posted', () => {
    const [one] = localLine();
    expect(() => one.post(() => {})).to.throw(DOMException);
  });
  it('carries nothing any more once one end is closed, not even what is on its way', async () => {
    for (const closes of [0, 1] as const) {
      const ends = localLine();
      const heard: unknown[] = [];
      for (const end of ends) end.listen(hear(heard));
      for (const end of ends) end.post('late');
      ends[closes].close();
      for (const end of ends) end.post('later');
      await settle();
      expect(heard).to.deep.equal([]);
    }
  });
});
