import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createActivity } from '../../../dev/local/activity.ts';
import { createMemoryStore } from '../../../dev/memory/memory-store.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Failure } from '../../../functions/core/grant.ts';
import { aConnection, aGrant, noon, orgId } from '../../contract/items.ts';
import { revoked } from '../../support/org-connections.ts';

const clock = { now: () => noon, wait: async () => {} };
const failed = (at: number): Failure => ({ ...revoked, at });

/** Writes one state of a connection after the other; answers what was counted of its org. */
async function countedOf(...changes: Partial<Connection>[]) {
  const activity = createActivity(clock);
  const { connections } = activity.watch(createMemoryStore());
  let before = aConnection(1, {}, { grant: aGrant('grant-1') });
  assert.equal(await connections.create(before), 'written');
  for (const change of changes) {
    const after = { ...before, ...change, revision: before.revision + 1 };
    assert.equal(await connections.replace(before, after), 'written');
    before = after;
  }
  assert.equal(activity.since, noon);
  return activity.minutes();
}

const counted = (counts: Partial<Record<'refreshed' | 'failed' | 'died', number>>) => [
  { orgId: orgId(1), minutes: [{ at: noon, refreshed: 0, failed: 0, died: 0, ...counts }] },
];

describe('what a write says of a refresh', () => {
  it('is a success where the grant was refreshed once more', async () => {
    assert.deepEqual(await countedOf({ grant: aGrant('grant-1', { refreshes: 1 }) }), counted({ refreshed: 1 }));
  });

  it('is a failure at each refusal, and a death where that one was the verdict', async () => {
    const first = aGrant('grant-1', { lastFailure: failed(noon) });
    const second = aGrant('grant-1', { lastFailure: failed(noon + 5_000) });
    assert.deepEqual(await countedOf({ grant: first }), counted({ failed: 1 }));
    assert.deepEqual(
      await countedOf({ grant: first }, { grant: second, status: 'reauthorization_required' }),
      counted({ failed: 1, died: 1 }),
    );
  });

  it('is a failure where the org keeps the connection out, or a dead one is refused again', async () => {
    const first = aGrant('grant-1', { lastFailure: failed(noon) });
    const again = aGrant('grant-1', { lastFailure: failed(noon + 5_000) });
    assert.deepEqual(await countedOf({ grant: first, status: 'admin_action_required' }), counted({ failed: 1 }));
    assert.deepEqual(
      await countedOf({ grant: first, status: 'reauthorization_required' }, { grant: again }),
      counted({ failed: 1, died: 1 }),
    );
  });

  it('is nothing for a new authorization, or a write that settles no attempt', async () => {
    const after = aGrant('grant-1', { lastFailure: failed(noon) });
    assert.deepEqual(await countedOf({ grant: aGrant('grant-2', { refreshes: 1 }) }), []);
    assert.deepEqual(await countedOf({ nextRefreshAt: noon }), []);
    assert.deepEqual(await countedOf({ grant: after }, { nextRefreshAt: noon }), counted({ failed: 1 }));
  });

  it('is nothing where the store did not take it', async () => {
    const activity = createActivity(clock);
    const { connections } = activity.watch(createMemoryStore());
    const before = aConnection(1, {}, { grant: aGrant('grant-1') });
    const after = { ...before, grant: aGrant('grant-1', { refreshes: 1 }), revision: 2 };
    assert.equal(await connections.replace(before, after), 'conflict');
    assert.deepEqual(activity.minutes(), []);
  });
});
