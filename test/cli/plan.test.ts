import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Plan, planOf, type Wish } from '../../cli/plan.ts';
import type { SigningKeyId } from '../../functions/adapters/signing-key-names.ts';

const now = 1_000_000;
const key = (id: SigningKeyId, more: { unusable?: string; certificateEndsAt?: number } = {}) => ({
  id,
  place: `place ${id}`,
  certificateEndsAt: now + 1,
  ...more,
});
const plan = (wish: Partial<Wish>, ...keys: ReturnType<typeof key>[]): Plan =>
  planOf({ app: 'crm', rotate: false, ...wish }, keys, now);

function assertRefused(actual: Plan, message: RegExp): void {
  assert.equal(actual.kind, 'refuse');
  assert.match(actual.kind === 'refuse' ? actual.message : '', message);
}

describe('a certificate', () => {
  it('is written for the only key, which is made where there is none', () => {
    assert.deepEqual(plan({}), { kind: 'make', id: '1' });
    assert.deepEqual(plan({}, key('2')), { kind: 'certify', id: '2' });
  });

  it('of two keys needs to be told which', () => {
    assertRefused(plan({}, key('1'), key('2')), /two keys.*--key 1 or --key 2.*--retire/);
    assert.deepEqual(plan({ key: '2' }, key('1'), key('2')), { kind: 'certify', id: '2' });
  });

  it('is not written for a key that is not there', () => {
    assertRefused(plan({ key: '2' }, key('1')), /no key 2; it has 1/);
    assertRefused(plan({ key: '1' }), /no key 1; it has none/);
  });
});

describe('a rotation', () => {
  it('makes the key that is not there', () => {
    assert.deepEqual(plan({ rotate: true }, key('1')), { kind: 'make', id: '2' });
    assert.deepEqual(plan({ rotate: true }, key('2')), { kind: 'make', id: '1' });
  });

  it('needs a key to begin with, and room for another', () => {
    assertRefused(plan({ rotate: true }), /no key yet.*without --rotate/);
    assertRefused(plan({ rotate: true }, key('1'), key('2')), /two keys already/);
  });
});

describe('a retirement', () => {
  it('ends a key where another can take over', () => {
    assert.deepEqual(plan({ retire: '1' }, key('1'), key('2')), { kind: 'retire', id: '1' });
    const broken = key('1', { unusable: 'it is disabled' });
    assert.deepEqual(plan({ retire: '1' }, broken, key('2')), { kind: 'retire', id: '1' });
  });

  it('never ends the only key, nor one that is not there', () => {
    assertRefused(plan({ retire: '1' }, key('1')), /only one of crm.*--rotate/);
    assertRefused(plan({ retire: '1' }, key('2')), /no key 1; it has 2/);
    assertRefused(plan({ retire: '1' }), /no key 1; it has none/);
  });

  it('waits for the other to have a certificate in force, and to be able to sign', () => {
    const none = key('2', { certificateEndsAt: undefined });
    assertRefused(plan({ retire: '1' }, key('1'), none), /has no certificate yet.*--key 2/);
    assertRefused(plan({ retire: '1' }, key('1'), key('2', { certificateEndsAt: now })), /certificate has ended/);
    assertRefused(plan({ retire: '1' }, key('1'), key('2', { unusable: 'it is disabled' })), /must stay.*is disabled/);
  });
});

describe('a key that cannot sign', () => {
  it('stops everything but its end', () => {
    const broken = key('1', { unusable: 'it is disabled' });
    assertRefused(plan({}, broken), /cannot sign: it is disabled/);
    assertRefused(plan({ rotate: true }, broken), /cannot sign/);
    assertRefused(plan({ key: '2' }, broken, key('2')), /--retire 1/);
  });
});
