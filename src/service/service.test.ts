import {expect} from '@open-wc/testing';
import {thrownCode} from '../../test/helpers/errors.js';
import {subscriptionHash} from '../protocol/protocol.js';
import {engineConfig} from './service.js';
import type {SyncOptions} from './types.js';

const config = (types: SyncOptions['types']) => engineConfig({url: '/api/sync', ...(types ? {types} : {})}, 'silent');

describe('the names of user and client', () => {
  it('are those that a server takes: any other would be refused with each greeting, for ever', () => {
    for (const option of ['user', 'clientId'] as const) {
      expect(engineConfig({url: '/', [option]: 'ann'}, 'silent')[option]).to.equal('ann');
      expect(engineConfig({url: '/'}, 'silent')).to.not.have.property(option);
      for (const name of ['', 'a\0', '\ud800', 'x'.repeat(1025), 5, null]) {
        const options = {url: '/', [option]: name} as SyncOptions;
        expect(
          thrownCode(() => engineConfig(options, 'silent')),
          String(name),
        ).to.equal('invalid-options');
      }
    }
  });
});

describe('declared indexes', () => {
  it('are for this device: neither the server nor the subscription hears of them', () => {
    const types = ['user', {type: 'task', where: {list: 1}, indexes: ['due', 'title']}] as const;
    const {types: wants, indexes} = config(types);
    expect(wants).to.deep.equal(['user', {type: 'task', where: {list: 1}}]);
    expect(indexes).to.deep.equal({task: ['due', 'title']});
    expect(subscriptionHash(wants)).to.equal(subscriptionHash(['user', {type: 'task', where: {list: 1}}]));
  });
  it('of a type that is named twice are those of both', () => {
    const {indexes} = config([
      {type: 'task', where: {list: 1}, indexes: ['due']},
      {type: 'task', where: {list: 2}, indexes: ['title', 'due']},
    ]);
    expect(indexes).to.deep.equal({task: ['due', 'title']});
  });
  it('are none where no types are named, or none of them has any', () => {
    expect(config(undefined)).to.not.have.property('indexes');
    expect(config(['task']).indexes).to.deep.equal({});
  });
  it('that are no list of columns are refused', () => {
    for (const indexes of ['due', [5], {due: true}]) {
      const types = [{type: 'task', indexes}] as unknown as NonNullable<SyncOptions['types']>;
      expect(thrownCode(() => config(types))).to.equal('invalid-options');
    }
  });
});
