import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  claimFindings,
  egressFindings,
  idleLimitFindings,
  lifetimeLimitFindings,
  pkceFindings,
} from '../../../functions/core/health-policies.ts';
import { factsOf, inThreeOrgs, told } from './health-facts.ts';

const jwt = { flow: 'jwt_bearer' } as const;
const signIn = { purpose: 'sign_in' } as const;

it('PKCE is sent always, and what the app requires is said not to be seen; without a browser there is none', () => {
  const [finding] = pkceFindings(factsOf());
  assert.deepEqual([finding?.code, finding?.severity], ['pkce_sent', 'info']);
  assert.match(finding?.summary ?? '', /cannot be seen from here/);
  assert.deepEqual(told(pkceFindings(factsOf({ config: signIn }))), ['pkce_sent info']);
  assert.deepEqual(pkceFindings(factsOf({ config: jwt })), []);
});

describe('the idle limit', () => {
  it('is asked for where none is configured, as a warning once three orgs use the app', () => {
    assert.deepEqual(told(idleLimitFindings(factsOf())), ['idle_limit_unset info']);
    const findings = idleLimitFindings(factsOf({ sample: inThreeOrgs }));
    assert.deepEqual(told(findings), ['idle_limit_unset warning']);
    assert.match(findings[0]?.remedy ?? '', /30 days; then idleLimitDays: 30/);
  });

  it('is well at thirty days, and too long beyond them for a partner’s app alone', () => {
    const of = (idleLimitDays: number, sample = inThreeOrgs) =>
      told(idleLimitFindings(factsOf({ sample, config: { idleLimitDays } })));
    assert.deepEqual(of(30), ['idle_limit_set info']);
    assert.deepEqual(of(31), ['idle_limit_too_long warning']);
    assert.deepEqual(of(31, inThreeOrgs.slice(1)), ['idle_limit_set info']);
  });

  it('is none of an app that keeps no refresh token', () => {
    assert.deepEqual(idleLimitFindings(factsOf({ config: jwt })), []);
    assert.deepEqual(idleLimitFindings(factsOf({ config: signIn })), []);
  });
});

it('a lifetime limit brings every user back, and is said to; none is nothing to say', () => {
  const findings = lifetimeLimitFindings(factsOf({ config: { lifetimeLimitDays: 90 } }));
  assert.deepEqual(told(findings), ['lifetime_limit_set warning']);
  assert.match(findings[0]?.summary ?? '', /90 days/);
  assert.deepEqual(lifetimeLimitFindings(factsOf()), []);
});

describe('the addresses from which requests leave', () => {
  it('are told where they are fixed, to be allowed', () => {
    const [finding] = egressFindings(factsOf({ egressAddresses: ['192.0.2.1', '192.0.2.2'], sample: inThreeOrgs }));
    assert.deepEqual([finding?.code, finding?.severity], ['egress_addresses_fixed', 'info']);
    assert.deepEqual(finding?.evidence, ['Deployed with egress: 192.0.2.1, 192.0.2.2']);
  });

  it('are missed where none are known, as a warning once three orgs use the app', () => {
    assert.deepEqual(told(egressFindings(factsOf())), ['egress_addresses_unknown info']);
    const findings = egressFindings(factsOf({ sample: inThreeOrgs }));
    assert.deepEqual(told(findings), ['egress_addresses_unknown warning']);
    assert.match(findings[0]?.remedy ?? '', /egress: \{\}.*EgressAddresses.*Enforce Refresh Token IP Allowlist/);
    assert.deepEqual(egressFindings(factsOf({ config: jwt })), []);
  });
});

it('an app without claim is warned of where it is deployed, and not on this machine or without a browser', () => {
  assert.deepEqual(told(claimFindings(factsOf({ config: { claim: false } }))), ['claim_off warning']);
  assert.deepEqual(claimFindings(factsOf()), []);
  assert.deepEqual(claimFindings(factsOf({ config: { claim: false }, deployed: false })), []);
  assert.deepEqual(claimFindings(factsOf({ config: jwt })), []);
});
