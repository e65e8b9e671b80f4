import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { decideDisconnect } from '../../../functions/core/disconnect.ts';
import type { Duty } from '../../../functions/core/duty.ts';
import type { FailureClass } from '../../../functions/core/error-table.ts';
import { countDutyId } from '../../../functions/core/failing.ts';
import { decideCommit } from '../../../functions/core/settle-commit.ts';
import { decideRefusal } from '../../../functions/core/settle-refusal.ts';
import { decideStoreGrant, type NewAuthorization } from '../../../functions/core/store-grant.ts';
import { aGrant, noon } from '../../contract/items.ts';
import { attempt, claimed, made } from '../../support/claimed-connection.ts';

const refusal = (failureClass: FailureClass) => ({ class: failureClass, error: 'e', description: 'd' });
const refuse = (connection: Connection, failureClass: FailureClass, now = noon) =>
  decideRefusal(connection, attempt, refusal(failureClass), now, 0.5, 'alert-1');
const owedKinds = (connection: Connection | undefined) =>
  Object.values(connection?.duties ?? {}).map(({ kind }) => kind);
const owedAlerts = (connection: Connection | undefined) =>
  Object.values(connection?.duties ?? {}).filter((duty) => duty.kind === 'alert');
/** As the next attempt claims it again. */
const again = (connection: Connection | undefined, more: Partial<Connection> = {}): Connection => ({
  ...connection!,
  ...more,
  grant: { ...connection!.grant!, lease: { attempt: attempt.id, until: noon + 1e9 } },
});

for (const failureClass of ['dead', 'admin'] as const) {
  test(`the first refusal of class ${failureClass} begins the failure and owes its count in that write`, () => {
    const after = refuse(claimed(), failureClass);
    assert.equal(after?.failingSince, noon);
    assert.deepEqual(after?.duties[countDutyId(noon)], { kind: 'count', since: noon, dueAt: noon, tries: 0 });
  });

  test(`a later refusal of class ${failureClass} counts no second time`, () => {
    const first = refuse(claimed(), failureClass);
    const done = again(first, { duties: {} });
    const second = refuse(done, failureClass, noon + 10_000);
    assert.equal(second?.failingSince, noon);
    assert.equal(owedKinds(second).includes('count'), false);
  });
}

for (const failureClass of ['busy', 'transient', 'unknown', 'operator', 'bug'] as const) {
  test(`${failureClass} begins no failure and ends none`, () => {
    assert.equal(refuse(claimed(), failureClass)?.failingSince, undefined);
    assert.deepEqual(owedKinds(refuse(claimed(), failureClass)), []);
    const failing = claimed({ deadSince: noon - 1_000 }, { failingSince: noon - 1_000 });
    assert.equal(refuse(failing, failureClass)?.failingSince, noon - 1_000);
  });
}

test('what an earlier release called dead, or kept out, is no news', () => {
  assert.equal(refuse(claimed({}, { status: 'reauthorization_required' }), 'dead')?.failingSince, undefined);
  assert.equal(refuse(claimed({}, { status: 'admin_action_required' }), 'admin')?.failingSince, undefined);
  assert.equal(refuse(claimed({}, { status: 'admin_action_required' }), 'dead')?.failingSince, noon);
});

test('success, a new grant and the disconnect each end it, with the count that is still owed', () => {
  const failing = again(refuse(claimed(), 'dead'), { absorbedBy: 'incident' });
  const commit = decideCommit(failing, attempt, made, noon + 1, 0.5);
  const stored = decideStoreGrant(failing, anAuthorization(), noon + 1, 0.5);
  const ends = [
    commit.kind === 'commit' ? commit.after : undefined,
    stored.kind === 'store' ? stored.after : undefined,
    decideDisconnect(failing, noon + 1),
  ];
  for (const after of ends) {
    assert.ok(after);
    assert.deepEqual([after.failingSince, after.absorbedBy], [undefined, undefined]);
    assert.equal(owedKinds(after).includes('count'), false);
  }
});

const verdict = (more: Partial<Connection> = {}, duty: Partial<Duty> = {}): Connection => {
  const dead = refuse(claimed({ deadSince: noon - 5_000 }, { failingSince: noon - 5_000 }), 'dead')!;
  const duties = Object.fromEntries(Object.entries(dead.duties).map(([id, one]) => [id, { ...one, ...duty } as Duty]));
  return again(dead, { duties, ...more });
};
const recovered = (connection: Connection): Connection => {
  const decision = decideCommit(connection, attempt, made, noon + 60_000, 0.5);
  assert.ok(decision.kind === 'commit');
  return decision.after;
};

test('the alert of a verdict waits two minutes', () => {
  const [alert] = owedAlerts(verdict());
  assert.equal(alert?.dueAt, noon + 120_000);
});

test('an alert that nobody was told of is dropped by the recovery, which then is no news either', () => {
  assert.deepEqual(recovered(verdict()).duties, {});
});

test('an alert that may have been published is dropped by the recovery, which is told', () => {
  const alerts = owedAlerts(recovered(verdict({}, { tries: 1 })));
  assert.deepEqual(
    alerts.map(({ type, absorbedBy }) => [type, absorbedBy]),
    [['connection_recovered', undefined]],
  );
});

test('an alert that was published, and is no duty any more, is followed by the recovery', () => {
  assert.deepEqual(
    owedAlerts(recovered(verdict({ duties: {} }))).map(({ type }) => type),
    ['connection_recovered'],
  );
});

test('the recovery of what an incident told of is left to that incident', () => {
  const [alert] = owedAlerts(recovered(verdict({ duties: {}, absorbedBy: 'incident' })));
  assert.deepEqual([alert?.type, alert?.absorbedBy], ['connection_recovered', 'incident']);
});

function anAuthorization(): NewAuthorization {
  const { id, app, orgId, userId, flow } = claimed();
  const grant = aGrant('newer');
  return { connectionId: id, app, orgId, userId, flow, authorizedAt: noon + 9e9, begunAt: noon, grant };
}

test('a new grant is always told by an alert of its own, if the failure was told at all', () => {
  const store = (connection: Connection) => {
    const decision = decideStoreGrant(connection, anAuthorization(), noon + 60_000, 0.5);
    assert.ok(decision.kind === 'store');
    return owedAlerts(decision.after).map(({ type, absorbedBy }) => [type, absorbedBy]);
  };
  assert.deepEqual(store(verdict({ duties: {}, absorbedBy: 'incident' })), [['connection_recovered', undefined]]);
  assert.deepEqual(store(verdict({ duties: {} })), [['connection_recovered', undefined]]);
  assert.deepEqual(store(verdict()), []);
});

test('a verdict takes the place of an alert for the administrator that nobody was told of', () => {
  const kept = again(decideRefusal(claimed(), attempt, refusal('admin'), noon, 0.5, 'admin-alert'));
  const suspected = again(decideRefusal(kept, attempt, refusal('dead'), noon + 10_000, 0.5, 'unused'));
  const dead = decideRefusal(suspected, attempt, refusal('dead'), noon + 20_000, 0.5, 'dead-alert');
  assert.deepEqual(
    owedAlerts(dead).map(({ alertId, followsTold }) => [alertId, followsTold]),
    [['dead-alert', undefined]],
  );
  assert.deepEqual(recovered(again(dead)).duties, {});
});

test('a verdict that follows an alert which went out is taken back aloud, told or not', () => {
  const kept = again(decideRefusal(claimed(), attempt, refusal('admin'), noon, 0.5, 'admin-alert'), { duties: {} });
  const suspected = again(decideRefusal(kept, attempt, refusal('dead'), noon + 10_000, 0.5, 'unused'));
  const dead = decideRefusal(suspected, attempt, refusal('dead'), noon + 20_000, 0.5, 'dead-alert');
  assert.deepEqual(
    owedAlerts(recovered(again(dead))).map(({ type }) => type),
    ['connection_recovered'],
  );
});

test('what is dead after an incident said that only its administrator must act fails anew, and counts again', () => {
  const kept = again(refuse(claimed(), 'admin'), { duties: {}, absorbedBy: 'incident' });
  const suspected = again(refuse(kept, 'dead', noon + 10_000));
  assert.deepEqual([suspected.failingSince, suspected.absorbedBy], [noon, 'incident'], 'once is no death');
  const dead = refuse(suspected, 'dead', noon + 20_000);
  assert.deepEqual([dead?.failingSince, dead?.absorbedBy], [noon + 20_000, undefined]);
  assert.deepEqual(owedKinds(dead).toSorted(), ['alert', 'count']);
  const stillDead = refuse(again(dead), 'dead', noon + 30_000);
  assert.equal(stillDead?.failingSince, noon + 20_000, 'and no further time');
});

test('what is dead before anybody was told that it is kept out counts once', () => {
  const suspected = again(refuse(again(refuse(claimed(), 'admin')), 'dead', noon + 10_000));
  assert.equal(refuse(suspected, 'dead', noon + 20_000)?.failingSince, noon);
});
