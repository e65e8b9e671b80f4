import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeIdleNotice } from '../../../functions/core/compose-idle-notice.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import { coveredUntil, endingBy, isCovered, withIdleNotice } from '../../../functions/core/idle-notice.ts';
import { noon, orgId } from '../../contract/items.ts';
import { anOrgWatch, minuteMs, revoked, working } from '../../support/org-connections.ts';

const dayMs = 24 * 60 * minuteMs;
const limits = { idleMs: 30 * dayMs };
const org = { app: 'crm', orgId: orgId(1) };

/** Its token ends that long after noon. */
function idling(n: number, leftMs: number, failureClass: 'admin' | 'dead' = 'admin'): Connection {
  const one = working(n, noon - limits.idleMs + leftMs);
  const lastFailure = { ...revoked, class: failureClass, description: 'ip restricted', at: noon - minuteMs } as const;
  return { ...one, grant: { ...one.grant!, refreshToken: 'sealed', failures: 40, lastFailure } };
}

describe('the warning of an org', () => {
  it('covers what ends in the notice and in the one after it', () => {
    assert.equal(coveredUntil(limits, noon), noon + 4 * dayMs);
    assert.equal(coveredUntil({ idleMs: 4 * dayMs }, noon), noon + 2 * dayMs);
    assert.equal(isCovered({ at: noon, until: noon + 5 }, noon + 5), true);
    assert.equal(isCovered({ at: noon, until: noon + 5 }, noon + 6), false);
    assert.equal(isCovered(undefined, noon), false);
  });

  it('is of those whose tokens end by then, the first one first, and of none that is dead', () => {
    const connections = [idling(1, 2 * dayMs), idling(2, dayMs), idling(3, 3 * dayMs + 1), idling(4, dayMs, 'dead')];
    const ending = endingBy(connections, limits, noon + 3 * dayMs);
    assert.deepEqual(
      ending.map(({ connection, at }) => [connection.id, at - noon]),
      [
        [connections[1]!.id, dayMs],
        [connections[0]!.id, 2 * dayMs],
      ],
    );
    assert.deepEqual(endingBy(connections, {}, noon + 3 * dayMs), [], 'where no limit is known nothing ends');
  });

  it('is written once for what it covers, and again for what ends later', () => {
    const first = withIdleNotice(undefined, org, noon + 2 * dayMs, limits, noon);
    assert.deepEqual(first?.idleNotice, { at: noon, until: noon + 4 * dayMs });
    const [duty] = Object.values(first?.duties ?? {});
    assert.ok(duty?.kind === 'alert');
    assert.deepEqual([duty.type, duty.alertId], ['expiry_approaching', `${first?.id}.idle.${noon + 4 * dayMs}`]);
    assert.equal(withIdleNotice(first, org, noon + 4 * dayMs, limits, noon + dayMs), undefined);
    const next = withIdleNotice(first, org, noon + 4 * dayMs + 1, limits, noon + 2 * dayMs);
    assert.equal(Object.keys(next?.duties ?? {}).length, 2);
  });

  it('leaves what else is owed of the org as it is', () => {
    const watch = anOrgWatch({ duties: { watch: { kind: 'watch', since: noon, dueAt: noon, tries: 0 } } });
    const after = withIdleNotice(watch, org, noon + dayMs, limits, noon)!;
    assert.deepEqual([after.duties.watch, after.failedAt, after.activeAt], [watch.duties.watch, noon, noon]);
  });

  it('says how many, from when to when, why, and names five', () => {
    const duty = {
      kind: 'alert',
      type: 'expiry_approaching',
      alertId: 'a',
      cause: 'c',
      since: noon,
      dueAt: noon,
      tries: 0,
    } as const;
    const ending = endingBy(
      Array.from({ length: 7 }, (_, n) => idling(n + 1, dayMs + n * minuteMs)),
      limits,
      noon + 4 * dayMs,
    );
    const alert = composeIdleNotice(anOrgWatch(), duty, ending)!;
    assert.deepEqual(alert.counts, { connections: 7, hours_left: 24 });
    assert.equal(alert.connection_ids.length, 5);
    assert.match(alert.summary, /7 connections/);
    assert.match(alert.evidence.join(' '), /7 × invalid_grant: ip restricted/);
    assert.match(alert.remedy, /IP/);
    assert.equal(composeIdleNotice(anOrgWatch(), duty, []), undefined);
  });
});
