import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  certificateFindings,
  clientSecretFindings,
  refusedFindings,
} from '../../../functions/core/health-credentials.ts';
import { anApp, noon } from '../../contract/items.ts';
import { factsOf, told } from './health-facts.ts';

const dayMs = 24 * 3_600_000;

describe('an app that Salesforce refuses', () => {
  const lastFailure = { at: noon - 60_000, error: 'invalid_client', description: 'invalid client credentials' };

  it('needs a person, who is told what Salesforce said and what mends it', () => {
    const state = anApp('crm', { failures: 3, openedAt: noon - 3_600_000, openUntil: noon + 1, lastFailure });
    const [finding] = refusedFindings(factsOf({ state }));
    assert.deepEqual([finding?.code, finding?.severity], ['app_refused', 'action']);
    assert.match(
      finding?.evidence.join('\n') ?? '',
      /3 times in a row[\s\S]*invalid_client: invalid client credentials/,
    );
    assert.match(finding?.remedy ?? '', /secret.*nothing is to be authorized again/i);
  });

  it('that nobody asked since says so: it may have been set right', () => {
    const of = (openUntil: number) =>
      refusedFindings(factsOf({ state: anApp('crm', { failures: 1, openUntil, lastFailure }) }))[0]?.evidence.join(
        '\n',
      );
    assert.match(of(noon) ?? '', /Nobody asked since/);
    assert.doesNotMatch(of(noon + 1) ?? 'Nobody asked since', /Nobody asked since/);
    assert.match(of(noon) ?? '', /invalid client credentials/);
  });

  it('that was refused once was refused 1 time', () => {
    const state = anApp('crm', { failures: 1, openedAt: noon, openUntil: noon + 1, lastFailure });
    assert.match(refusedFindings(factsOf({ state }))[0]?.evidence[0] ?? '', /, 1 time in a row\.$/);
  });

  it('is refused no more once the circuit is closed, and was never where nothing is known', () => {
    assert.deepEqual(refusedFindings(factsOf({ state: anApp('crm', { lastFailure, closedAt: noon }) })), []);
    assert.deepEqual(refusedFindings(factsOf()), []);
  });
});

describe('a client secret', () => {
  const of = (secret: { set: boolean; changedAt?: number }, config = {}) =>
    clientSecretFindings(factsOf({ state: anApp('crm', { secret: { lookedAt: noon, ...secret } }), config }));

  it('that is not set needs a person', () => {
    const [finding] = of({ set: false });
    assert.deepEqual([finding?.code, finding?.severity], ['client_secret_unset', 'action']);
    assert.match(finding?.remedy ?? '', /put-secret-value/);
  });

  it('that is older than the configuration allows is warned of, a day before it is not', () => {
    assert.deepEqual(told(of({ set: true, changedAt: noon - 365 * dayMs })), ['client_secret_old warning']);
    assert.deepEqual(told(of({ set: true, changedAt: noon - 364 * dayMs })), ['client_secret_set info']);
    assert.deepEqual(told(of({ set: true, changedAt: noon - 8 * dayMs }, { clientSecretMaxAgeDays: 7 })), [
      'client_secret_old warning',
    ]);
  });

  it('is not spoken of where nobody looked, when it was changed is not known, or there is none', () => {
    assert.deepEqual(of({ set: true }), []);
    assert.deepEqual(clientSecretFindings(factsOf({ state: anApp('crm') })), []);
    assert.deepEqual(of({ set: false }, { clientAuthentication: 'none' }), []);
  });
});

describe('signing certificates', () => {
  const of = (ends: { id: string; endsAt?: number }[], config: object = { flow: 'jwt_bearer' }) =>
    certificateFindings(
      factsOf({ state: anApp('crm', { certificates: { lookedAt: noon, ends, alerted: [] } }), config }),
    );

  it('that have ended or end within two weeks need a person, who is told which key', () => {
    const findings = of([
      { id: '1', endsAt: noon },
      { id: '2', endsAt: noon + 14 * dayMs },
    ]);
    assert.deepEqual(told(findings), ['signing_certificate_ended action', 'signing_certificate_ending action']);
    assert.match(findings[1]?.remedy ?? '', /npx grantkeeper signing-key crm --key 2/);
    assert.match(findings[1]?.summary ?? '', /in 14 days/);
  });

  it('that end later, or whose end nobody noted, do not', () => {
    assert.deepEqual(of([{ id: '1', endsAt: noon + 14 * dayMs + 1 }, { id: '2' }]), []);
  });

  it('are made first where there is no key, and are of no other flow', () => {
    assert.deepEqual(told(of([])), ['signing_key_missing action']);
    assert.deepEqual(of([], {}), []);
    assert.deepEqual(certificateFindings(factsOf({ config: { flow: 'jwt_bearer' } })), []);
  });
});
