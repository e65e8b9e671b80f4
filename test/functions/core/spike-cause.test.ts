import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failingSince, tallyOrg } from '../../../functions/core/org-tally.ts';
import { causeOfSpike, evidenceOfSpike } from '../../../functions/core/spike-cause.ts';
import { noon } from '../../contract/items.ts';
import { type Failed, failing, many, windowMs, working } from '../../support/org-connections.ts';

const authentication = { class: 'dead', error: 'invalid_grant', description: ' Authentication Failure' };
const ip = { class: 'admin', error: 'invalid_grant', description: 'ip restricted' };
const blocked = { class: 'admin', error: 'app_blocked', description: 'app blocked' };

const causeOf = (...groups: readonly (readonly [number, Failed])[]) => {
  const org = groups.flatMap(([count, failed], group) => many(count, 100 * group, (n) => failing(n, failed)));
  return causeOfSpike({ failing: failingSince(org, 0), tried: org.length });
};

test('tokens that just do not work any more: the org revoked them', () => {
  assert.equal(causeOf([5, {}]), 'org_wide_revocation');
});

test('mostly users who cannot be authenticated: their users, and half of them is not most', () => {
  assert.equal(causeOf([3, { failure: authentication }], [2, {}]), 'user_deactivated_or_password_changed');
  assert.equal(causeOf([2, { failure: authentication }], [2, {}]), 'org_wide_revocation');
});

test('mostly kept out: by what most of them were told', () => {
  assert.equal(causeOf([3, { failure: ip }], [2, {}]), 'ip_restricted');
  assert.equal(causeOf([3, { failure: blocked }], [2, { failure: ip }]), 'app_blocked');
  assert.equal(causeOf([2, { failure: ip }], [2, {}]), 'org_wide_revocation');
});

test('two thirds that died at their first refresh: a policy expires tokens at once', () => {
  assert.equal(causeOf([4, { refreshes: 0 }], [2, {}]), 'expired_immediately');
  assert.equal(causeOf([3, { refreshes: 0 }], [2, {}]), 'org_wide_revocation');
});

test('a policy that expires tokens at once spares nobody: others that were refreshed meanwhile speak against it', () => {
  const failed = failingSince(
    many(4, 0, (n) => failing(n, { refreshes: 0 })),
    0,
  );
  assert.equal(causeOfSpike({ failing: failed, tried: 4 }), 'expired_immediately');
  assert.equal(causeOfSpike({ failing: failed, tried: 5 }), 'org_wide_revocation');
});

test('users without a browser who cannot be authenticated are their administrator’s, for nobody authorizes again', () => {
  assert.equal(causeOf([3, { failure: { ...authentication, class: 'admin' } }]), 'authentication_failure');
});

test('the evidence of a policy says what it rests on, and what else it may be', () => {
  const words = (refreshes: number) =>
    evidenceOfSpike(
      tallyOrg(
        many(3, 0, (n) => failing(n, { refreshes })),
        windowMs,
        noon,
      ),
      windowMs,
    ).at(-1);
  assert.match(words(0) ?? '', /^3 of these 3 were refused at their very first refresh.* revoked them all\.$/);
  assert.doesNotMatch(words(7) ?? '', /first refresh/);
});

test('the evidence names an error that came without a description, and no more', () => {
  const org = many(3, 0, (n) => failing(n, { failure: { class: 'admin', error: 'inactive_org', description: '' } }));
  assert.ok(evidenceOfSpike(tallyOrg(org, windowMs, noon), windowMs).includes('3 × inactive_org'));
});

test('the evidence has the numbers, the times and the errors', () => {
  const org = [
    failing(1, { at: noon - 60_000 }),
    failing(2, { failure: ip }),
    failing(3),
    ...many(2, 10, (n) => working(n)),
  ];
  assert.deepEqual(evidenceOfSpike(tallyOrg(org, windowMs, noon), windowMs), [
    'Of 5 connections, 5 were tried within 15 minutes, and 3 of them fail newly.',
    'First failure 2026-11-21T11:59:00.000Z, last one 2026-11-21T12:00:00.000Z.',
    '2 × invalid_grant: expired access/refresh token',
    '1 × invalid_grant: ip restricted',
  ]);
});
