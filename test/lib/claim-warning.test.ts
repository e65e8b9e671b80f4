import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type { GrantkeeperConfigInput } from '../../functions/core/config.ts';
import { exampleConfig, stackWith } from './synthesized.ts';

const clientId = 'client';

function warningsOf(apps: GrantkeeperConfigInput['apps'], more: Partial<GrantkeeperConfigInput> = {}): string[] {
  const stack = stackWith({ config: { apps, ...more } });
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('claim'))
    .map(({ entry }) => String(entry.data));
}

describe('an app with claim and no address to return to', () => {
  it('is warned of, whether it keeps tokens or signs in', () => {
    const warnings = warningsOf({ crm: { clientId }, login: { clientId, purpose: 'sign_in' } });
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? '', /apps\.crm has claim and no returnTo.*claim: false/);
    assert.match(warnings[1] ?? '', /apps\.login has claim and no returnTo/);
  });

  it('is not where it has an address, or no claim', () => {
    assert.deepEqual(warningsOf(exampleConfig.apps), []);
    const returnTo = ['https://app.example.com/back'];
    assert.deepEqual(warningsOf({ crm: { clientId, returnTo }, open: { clientId, claim: false } }), []);
  });

  it('is not where there is no browser to come back', () => {
    const apps = {
      jwt: { clientId, flow: 'jwt_bearer' },
      service: { clientId, flow: 'client_credentials', loginUrl: 'https://acme.my.salesforce.com' },
    } as const;
    assert.deepEqual(warningsOf(apps), []);
    assert.equal(warningsOf({ ...apps, crm: { clientId } }).length, 1);
  });

  it('is not where every address on loopback is taken', () => {
    assert.deepEqual(warningsOf({ crm: { clientId } }, { loopbackReturnTo: true }), []);
  });
});
