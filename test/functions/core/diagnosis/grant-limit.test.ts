import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grantLimit } from '../../../../functions/core/diagnosis/grant-limit.ts';
import { aCase, type Changes, deadAt, entries, hourMs, minuteMs, noon } from './a-case.ts';

const issued = { outcome: 'refused', reason: 'wrong_signature' } as const;
const lost = { lostAt: noon + 30 * minuteMs };
const since = noon + minuteMs;
const before = noon - 3 * hourMs;
const confidence = (changes: Changes) => grantLimit.find(aCase(changes))?.confidence;

describe('grant_limit', () => {
  it('is certain of five that are known to have been issued since it last lived, and of no fewer', () => {
    assert.equal(confidence({ entries: entries(5, since, issued) }), 'certain');
    assert.equal(confidence({ entries: entries(4, since, issued) }), undefined);
    assert.equal(
      confidence({ entries: [...entries(4, since, issued), ...entries(1, since + hourMs / 2, lost)] }),
      'likely',
    );
  });

  it('is not certain where the grant may have been used in between', () => {
    assert.equal(confidence({ entries: entries(5, since, issued), grant: { failures: 3 } }), 'likely');
    const attempts = [{ id: 'a', begunAt: noon + 20 * minuteMs, refreshes: 4 }];
    assert.equal(confidence({ entries: entries(5, since, issued), grant: { attempts } }), 'likely');
    // Tries after the verdict are none of that.
    const death = { at: deadAt, tries: 2 };
    assert.equal(confidence({ entries: entries(5, since, issued), grant: { failures: 4, death } }), 'certain');
  });

  it('is not certain of one that was revoked before the death', () => {
    const revoked = { ...issued, revokedAt: deadAt - minuteMs };
    const one = entries(1, since + 20 * minuteMs, revoked);
    assert.equal(confidence({ entries: [...entries(4, since, issued), ...one] }), 'likely');
    const later = entries(1, since + 20 * minuteMs, { ...issued, revokedAt: deadAt + minuteMs });
    assert.equal(confidence({ entries: [...entries(4, since, issued), ...later] }), 'certain');
  });

  it('is not certain of one so new that its revocation may have been done without our knowing', () => {
    const at = (ms: number) => [...entries(4, since, issued), ...entries(1, deadAt - ms, issued)];
    assert.equal(confidence({ entries: at(15 * minuteMs) }), 'certain');
    assert.equal(confidence({ entries: at(15 * minuteMs - 1) }), 'likely');
  });

  it('is likely where orphans are needed, and not without enough of them', () => {
    assert.equal(confidence({ entries: entries(5, since, lost) }), 'likely');
    assert.equal(confidence({ entries: entries(4, since, lost) }), undefined);
    assert.equal(confidence({ entries: entries(4, since, lost), facts: { grantLimit: 4 } }), 'likely');
  });

  it('is likely where some are older than its last use, and possible where enough of them were', () => {
    const last = entries(1, since, lost);
    assert.equal(confidence({ entries: [...entries(4, before, lost), ...last] }), 'likely');
    assert.equal(confidence({ entries: [...entries(5, before, lost), ...last] }), 'possible');
    assert.equal(confidence({ entries: entries(6, before, lost) }), undefined, 'it was refreshed after all of them');
  });

  it('counts none that failed, that were revoked before the next, or that are of another user', () => {
    for (const change of [
      { outcome: 'failed' },
      { ...issued, revokedAt: since - 1 },
      { outcome: 'refused', reason: 'wrong_user' },
      { outcome: 'refused', reason: 'wrong_org' },
    ] as const) {
      assert.equal(confidence({ entries: entries(6, since, change) }), undefined, JSON.stringify(change));
    }
  });

  it('counts none from after the death, and is nothing where no limit counts', () => {
    assert.equal(confidence({ entries: entries(6, deadAt + 1, issued) }), undefined);
    assert.equal(confidence({ entries: entries(6, since, issued), facts: { grantLimit: undefined } }), undefined);
  });

  it('says how many, how many of them surely, and when', () => {
    const [many = '', surely = '', later = ''] =
      grantLimit.find(aCase({ entries: [...entries(3, since, issued), ...entries(2, since + hourMs / 2, lost)] }))
        ?.evidence ?? [];
    assert.match(many, /^5 newer authorizations .* from 2026-11-21T12:01:00\.000Z to 2026-11-21T12:32:00\.000Z/);
    assert.match(surely, /^3 of them are known .*; 2 broke off/);
    assert.match(later, /^5 of them came after .* 2026-11-21T12:00:00\.000Z/);
  });
});
