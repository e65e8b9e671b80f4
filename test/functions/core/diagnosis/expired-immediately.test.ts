import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expiredImmediately } from '../../../../functions/core/diagnosis/expired-immediately.ts';
import { aCase, type Changes, dayMs, deadAt, hourMs, minuteMs } from './a-case.ts';

const first = { refreshes: 0, refreshedAt: deadAt - 90 * minuteMs };
const confidence = (changes: Changes) => expiredImmediately.find(aCase(changes))?.confidence;

describe('expired_immediately', () => {
  it('is likely of a death at the first refresh, and nothing after one that succeeded', () => {
    assert.equal(confidence({ grant: first }), 'likely');
    assert.equal(confidence({ grant: { ...first, refreshes: 1 } }), undefined);
  });

  it('is possible where a refresh before was never answered', () => {
    const attempts = [{ id: 'a', begunAt: deadAt - minuteMs, refreshes: 0 }];
    assert.equal(confidence({ grant: { ...first, attempts } }), 'possible');
  });

  it('is possible where the first refresh came late', () => {
    assert.equal(confidence({ grant: { ...first, refreshedAt: deadAt - 26 * hourMs } }), 'likely');
    assert.equal(confidence({ grant: { ...first, refreshedAt: deadAt - 2 * dayMs } }), 'possible');
  });

  it('is possible where others of the org were refreshed meanwhile, for the policy spares nobody', () => {
    const death = (failed: number, tried: number) => ({ at: deadAt, tries: 0, org: { failed, tried } });
    assert.equal(confidence({ grant: { ...first, death: death(1, 1) } }), 'likely');
    assert.equal(confidence({ grant: { ...first, death: death(1, 2) } }), 'possible');
  });

  it('is nothing where Salesforce speaks of the user', () => {
    assert.equal(confidence({ grant: first, description: 'authentication failure' }), undefined);
  });
});
