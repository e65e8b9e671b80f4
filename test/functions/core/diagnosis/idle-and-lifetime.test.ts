import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleExpiry } from '../../../../functions/core/diagnosis/idle-expiry.ts';
import { lifetimeExpiry } from '../../../../functions/core/diagnosis/lifetime-expiry.ts';
import { aCase, authorizedAt, type Changes, dayMs, deadAt, hourMs, minuteMs, noon } from './a-case.ts';

const idle = (changes: Changes) => idleExpiry.find(aCase(changes))?.confidence;
const idledFor = (ms: number) => ({ refreshedAt: deadAt - ms });

describe('idle_expiry', () => {
  const facts = { limits: { idleMs: 10 * dayMs } };

  it('is likely where it was not used for as long as is stated, and nothing a millisecond before', () => {
    assert.equal(idle({ facts, grant: idledFor(10 * dayMs) }), 'likely');
    assert.equal(idle({ facts, grant: idledFor(10 * dayMs - 1) }), undefined);
  });

  it('is possible after thirty days where no limit is stated, and nothing before', () => {
    assert.equal(idle({ grant: idledFor(30 * dayMs) }), 'possible');
    assert.equal(idle({ grant: idledFor(29 * dayMs) }), undefined);
  });

  it('is possible where an unanswered request may have ended the token by rotation', () => {
    const attempts = [{ id: 'a', begunAt: deadAt - hourMs, refreshes: 4 }];
    assert.equal(idle({ facts, grant: { ...idledFor(11 * dayMs), attempts, rotates: true } }), 'possible');
    assert.equal(idle({ facts, grant: { ...idledFor(11 * dayMs), attempts } }), 'likely');
  });

  it('is nothing where Salesforce speaks of the user', () => {
    assert.equal(idle({ facts, grant: idledFor(11 * dayMs), description: 'Authentication failure' }), undefined);
  });
});

describe('lifetime_expiry', () => {
  const endsAt = (at: number) => ({ facts: { limits: { lifetimeMs: at - authorizedAt } } });
  const lifetime = (changes: Changes) => lifetimeExpiry.find(aCase(changes))?.confidence;

  it('is likely where the end lies between the last refresh and the refusal', () => {
    assert.equal(lifetime(endsAt(noon + minuteMs)), 'likely');
    assert.equal(lifetime(endsAt(deadAt)), 'likely');
  });

  it('is nothing where it died before its end, or was refreshed after it', () => {
    assert.equal(lifetime(endsAt(deadAt + 1)), undefined);
    assert.equal(lifetime(endsAt(noon)), undefined);
  });

  it('is nothing where no lifetime is stated, or Salesforce speaks of the user', () => {
    assert.equal(lifetime({}), undefined);
    assert.equal(lifetime({ ...endsAt(deadAt), description: 'authentication failure' }), undefined);
  });

  it('says when it was to end, and when it lived and died', () => {
    const [end = '', lived = ''] = lifetimeExpiry.find(aCase(endsAt(noon + minuteMs)))?.evidence ?? [];
    assert.match(end, /2026-11-21T12:01:00\.000Z/);
    assert.match(lived, /2026-11-21T12:00:00\.000Z.*2026-11-21T13:00:00\.000Z/);
  });
});
