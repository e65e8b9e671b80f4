import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  budgetFindings,
  rotationFindings,
  scopeFindings,
  sessionFindings,
  zeroPolicyFindings,
} from '../../../functions/core/health-grants.ts';
import { aLedger, aLedgerEntry, noon } from '../../contract/items.ts';
import { factsOf, inThreeOrgs, sampled, told } from './health-facts.ts';

const jwt = { flow: 'jwt_bearer' } as const;

describe('rotation', () => {
  it('is seen where a refresh brought a new refresh token, of how many is said', () => {
    const [finding, ...more] = rotationFindings(factsOf({ sample: [sampled(1, { rotates: true }), sampled(2)] }));
    assert.deepEqual([finding?.code, finding?.severity, more.length], ['rotation_seen', 'info', 0]);
    assert.deepEqual(finding?.evidence, ['1 of 2 refreshed connections brought a new refresh token.']);
  });

  it('is asked for where none did, as a warning once three orgs use the app', () => {
    const one = rotationFindings(factsOf({ sample: [sampled(1)] }));
    assert.deepEqual(told(one), ['rotation_not_seen info']);
    assert.match(one[0]?.remedy ?? '', /Setup > External Client App Manager > .*Enable Refresh Token Rotation/);
    const three = rotationFindings(factsOf({ sample: inThreeOrgs }));
    assert.deepEqual(told(three), ['rotation_not_seen warning']);
    assert.match(three[0]?.evidence[1] ?? '', /3 orgs/);
  });

  it('is not judged by connections that were never refreshed, nor where there is no refresh token', () => {
    assert.deepEqual(rotationFindings(factsOf({ sample: [sampled(1, { refreshes: 0 })] })), []);
    assert.deepEqual(rotationFindings(factsOf({ sample: [sampled(1)], config: jwt })), []);
  });
});

describe('the policy that expires refresh tokens at once', () => {
  const expired = { class: 'dead', error: 'invalid_grant', description: 'expired access/refresh token', at: noon };
  const dead = { status: 'reauthorization_required' } as const;
  const atFirst = (n: number, org = 1) => sampled(n, { refreshes: 0, lastFailure: expired }, { ...dead, org });

  it('is suspected where connections died at their first refresh', () => {
    const findings = zeroPolicyFindings(factsOf({ sample: [atFirst(1), atFirst(2), sampled(3, {}, { org: 2 })] }));
    assert.deepEqual(told(findings), ['zero_policy_suspected action']);
    assert.match(findings[0]?.evidence[0] ?? '', /^2 of 2 dead connections never refreshed/);
    assert.match(findings[0]?.remedy ?? '', /Refresh Token Policy/);
  });

  it('is a warning after one of them: one user may have revoked it', () => {
    assert.deepEqual(told(zeroPolicyFindings(factsOf({ sample: [atFirst(1)] }))), ['zero_policy_suspected warning']);
  });

  it('is not suspected where another refresh worked in that org, or one did before the death', () => {
    assert.deepEqual(zeroPolicyFindings(factsOf({ sample: [atFirst(1), atFirst(2), sampled(3)] })), []);
    const later = sampled(1, { refreshes: 4, lastFailure: expired }, dead);
    assert.deepEqual(zeroPolicyFindings(factsOf({ sample: [later] })), []);
  });

  it('is not suspected where the user was refused, a response was lost, or nothing died', () => {
    const user = { ...expired, description: 'authentication failure' };
    const lost = [{ id: 'a', begunAt: noon, refreshes: 0 }];
    for (const grant of [{ lastFailure: user }, { lastFailure: expired, attempts: lost }]) {
      const sample = [1, 2].map((n) => sampled(n, { refreshes: 0, ...grant }, dead));
      assert.deepEqual(zeroPolicyFindings(factsOf({ sample })), []);
    }
    assert.deepEqual(zeroPolicyFindings(factsOf({ sample: [sampled(1, { refreshes: 0 })] })), []);
  });
});

describe('the limit of grants', () => {
  const orphans = (n: number, count: number) =>
    sampled(
      n,
      {},
      {
        ledger: aLedger(`l-${n}`, {
          entries: Array.from({ length: count }, (_, i) => aLedgerEntry(i, { lostAt: noon })),
        }),
      },
    );

  it('is near where one is left or none, and names five at most', () => {
    const sample = Array.from({ length: 6 }, (_, n) => orphans(n, 3));
    const findings = budgetFindings(factsOf({ sample }));
    assert.deepEqual(told(findings), ['grants_near_limit warning']);
    assert.match(findings[0]?.evidence[0] ?? '', / and 1 more$/);
    assert.equal(findings[0]?.evidence[0]?.match(/crm\.00D/g)?.length, 5);
  });

  it('is not near where two are left, by another limit, or without refresh tokens', () => {
    assert.deepEqual(budgetFindings(factsOf({ sample: [orphans(1, 2)] })), []);
    assert.deepEqual(told(budgetFindings(factsOf({ sample: [orphans(1, 2)], config: { grantLimit: 4 } }))), [
      'grants_near_limit warning',
    ]);
    assert.deepEqual(budgetFindings(factsOf({ sample: [orphans(1, 3)], config: jwt })), []);
  });
});

describe('a sample', () => {
  const sample = [sampled(1, { scopes: ['id'] }), sampled(2, { scopes: ['id'] })];
  const of = (total: number, complete = true) => {
    const facts = factsOf({ sample });
    return factsOf({ sample, counts: { ...facts.counts, total, complete } });
  };

  it('is said to be one where others were not looked at', () => {
    for (const judge of [scopeFindings, rotationFindings]) {
      assert.equal(judge(of(5_000))[0]?.evidence.at(-1), '2 of 5000 connections were looked at.');
      assert.equal(judge(of(2, false))[0]?.evidence.at(-1), '2 of more than 2 connections were looked at.');
    }
  });

  it('of all there are is not', () => {
    for (const judge of [scopeFindings, rotationFindings]) {
      assert.doesNotMatch(judge(of(2))[0]?.evidence.join(' ') ?? 'looked', /looked/);
    }
  });
});

describe('scopes', () => {
  it('that were asked for and not given are named', () => {
    const findings = scopeFindings(
      factsOf({ sample: [sampled(1), sampled(2)], config: { scopes: ['api', 'refresh_token', 'id'] } }),
    );
    assert.deepEqual(told(findings), ['scopes_missing warning']);
    assert.match(findings[0]?.summary ?? '', /^2 connections lack scopes .*: id\.$/);
  });

  it('are complete by another name for the same, by full, or where Salesforce named none', () => {
    const given = (scopes: string[]) => scopeFindings(factsOf({ sample: [sampled(1, { scopes })] }));
    assert.deepEqual(given(['api', 'offline_access']), []);
    assert.deepEqual(given(['full', 'refresh_token']), []);
    assert.deepEqual(given([]), []);
    assert.deepEqual(told(given(['full'])), ['scopes_missing warning']);
  });
});

describe('session lengths', () => {
  const session = (source: 'introspection' | 'jwt' | 'assumed', minutes: number) => ({
    session: { source, lengthMs: minutes * 60_000 },
  });

  it('are told with how they were learnt, the most frequent first', () => {
    const sample = [
      sampled(1, session('introspection', 15)),
      sampled(2, session('introspection', 120)),
      sampled(3, session('introspection', 120)),
    ];
    const [finding] = sessionFindings(factsOf({ sample }));
    assert.equal(finding?.severity, 'info');
    assert.deepEqual(finding?.evidence, ['2 × 2 hours (introspection)', '1 × 15 minutes (introspection)']);
    assert.match(finding?.remedy ?? '', /Nothing/);
  });

  it('say how many are assumed only, and nothing where none is known', () => {
    const [finding] = sessionFindings(factsOf({ sample: [sampled(1, session('assumed', 120)), sampled(2)] }));
    assert.match(finding?.summary ?? '', /1 of 1 connection is assumed/);
    assert.match(finding?.remedy ?? '', /introspect/);
    assert.deepEqual(sessionFindings(factsOf({ sample: [sampled(1)] })), []);
  });
});
