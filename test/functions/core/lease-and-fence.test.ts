/**
 * Lease, fence and order of authorizations, as properties of the decisions alone: any sequence of claims, answers,
 * silences, withdrawals, readings and callbacks, with the time passing between them.
 *
 * The model beside the connection knows what each process sent and what Salesforce answered; a process ends with its
 * function, after 60 s at the latest.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../functions/core/connection.ts';
import { revokeDutyId } from '../../../functions/core/settle-superseded.ts';
import { decideStoreGrant } from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';
import { step } from '../../support/lease-steps.ts';
import { World } from '../../support/lease-world.ts';

test('no sequence of refreshes, faults and authorizations breaks lease, fence or order', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), (steps) => {
      const world = new World();
      for (const one of steps) world.play(one);
    }),
    { numRuns: 3_000, includeErrorInReport: true },
  );
});

test('the sequences reach what they are about', () => {
  const seen = new Set<string>();
  const sampled = fc.sample(fc.array(step, { minLength: 40, maxLength: 60, size: 'max' }), { numRuns: 300, seed: 7 });
  for (const steps of sampled) {
    const world = new World();
    for (const one of steps) {
      world.play(one);
      const { grant, status, duties } = world.item;
      seen.add(status);
      if (grant!.refreshes > 1) seen.add('refreshed twice');
      if (grant!.attempts.length > 1) seen.add('unsettled');
      const revocations = Object.values(duties).flatMap((duty) => (duty.kind === 'revoke' ? [duty] : []));
      for (const { reason, refreshes } of revocations)
        seen.add(`${reason} at ${refreshes > 0 ? 'a later' : 'the first'} generation`);
      if (world.inFlight.length > 1) seen.add('two grants in flight');
    }
  }
  for (const reached of [
    'active',
    'admin_action_required',
    'reauthorization_required',
    'refreshed twice',
    'unsettled',
    'superseded at a later generation',
    'older_authorization at the first generation',
    'two grants in flight',
  ]) {
    assert.ok(seen.has(reached), reached);
  }
});

test('authorizations that arrive in any order end with the newest stored and each other owed its revocation', () => {
  const instants = fc.array(fc.nat(4), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(instants, fc.infiniteStream(fc.nat()), (times, random) => {
      const shell = aConnection(1);
      const { id: connectionId, app, orgId, userId, flow } = shell;
      const all = times.map((at, index) => ({
        connectionId,
        app,
        orgId,
        userId,
        flow,
        authorizedAt: noon + at,
        begunAt: noon,
        grant: aGrant(`g${index}`, { refreshToken: `token ${index}` }),
        link: { sessionId: `s${index}`, tenant: 't', integration: 'i' },
      }));
      const newest = [...all]
        .sort((a, b) => a.authorizedAt - b.authorizedAt || (a.grant.id < b.grant.id ? -1 : 1))
        .at(-1);
      let item: Connection | undefined;
      const arriving = [...all].sort(() => (random.next().value! % 2 === 0 ? -1 : 1));
      for (const incoming of arriving) {
        const decision = decideStoreGrant(item, incoming, noon, 0);
        assert.ok('after' in decision);
        item = decision.after;
      }
      assert.equal(item?.grant?.id, newest?.grant.id);
      assert.equal(item?.authorizedAt, newest?.authorizedAt);
      for (const { grant } of all) {
        const duty = item?.duties[revokeDutyId(grant.id)];
        assert.equal(duty?.kind === 'revoke' && duty.token, grant === newest?.grant ? false : grant.refreshToken);
      }
      assert.equal(Object.values(item?.duties ?? {}).filter(({ kind }) => kind === 'link').length, all.length);
    }),
  );
});
