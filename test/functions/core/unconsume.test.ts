import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unconsume } from '../../../functions/core/session-step.ts';
import { aSession, noon } from '../../contract/items.ts';

const exchanging = aSession(1, { status: 'exchanging', attempt: { id: 'a', begunAt: noon } });

test('a consume whose code was never sent is taken back by its own attempt', () => {
  assert.deepEqual(unconsume(exchanging, 'a'), { ...exchanging, status: 'pending', attempt: undefined });
});

test('nobody else takes it back, and no step but the exchange is undone', () => {
  assert.equal(unconsume(exchanging, 'b'), undefined);
  assert.equal(unconsume({ ...exchanging, attempt: undefined }, 'a'), undefined);
  assert.equal(unconsume({ ...exchanging, status: 'connected' }, 'a'), undefined);
});
