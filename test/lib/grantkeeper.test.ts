import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ConfigurationError } from '../../functions/core/errors.ts';
import { Grantkeeper } from '../../lib/grantkeeper.ts';
import { emptyApp, exampleConfig, templateWith } from './synthesized.ts';
import { functionOf, resourcesOf } from './template-reading.ts';

describe('the construct', () => {
  it('works with one `new` and a configuration of one app, in a stack of the deployer’s', () => {
    const stack = new Stack(emptyApp(), 'Theirs');
    const config = { apps: { crm: { clientId: 'c' } } };
    const grantkeeper = new Grantkeeper(stack, 'Grants', { config, allowExecuteApiUrl: true });
    assert.equal(grantkeeper.clientSecretNames.get('crm'), 'Theirs/crm/client-secret');
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 9);
  });

  it('is alone in its stack, by whose name secrets and metrics go; another stack holds another', () => {
    const app = emptyApp();
    const props = { config: { apps: { crm: { clientId: 'c' } } }, allowExecuteApiUrl: true };
    const stack = new Stack(app, 'Theirs');
    new Grantkeeper(stack, 'Grants', props);
    assert.throws(
      () => new Grantkeeper(stack, 'More', props),
      /one Grantkeeper.*give Theirs\/More another stack.*Theirs\/Grants/,
    );
    assert.ok(new Grantkeeper(new NestedStack(stack, 'Nested'), 'Grants', { ...props, clientSecretPrefix: 'More/' }));
    assert.ok(new Grantkeeper(new Stack(app, 'Others'), 'Grants', props));
  });

  it('keeps nothing where nothing is to be retained', () => {
    const template = templateWith({ retain: false });
    const kept = Object.entries(template.toJSON().Resources as Record<string, { DeletionPolicy?: string }>)
      .filter(([, { DeletionPolicy }]) => DeletionPolicy?.startsWith('Retain'))
      .map(([logicalId]) => logicalId);
    assert.deepEqual(kept, []);
  });

  it('keeps by default what a customer’s grant, or the search for its loss, needs', () => {
    const kept = new Set(
      Object.values(templateWith().toJSON().Resources as Record<string, { DeletionPolicy?: string; Type: string }>)
        .filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'))
        .map(({ Type }) => Type),
    );
    assert.deepEqual([...kept].toSorted(), [
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::Logs::LogGroup',
      'AWS::S3::Bucket',
      'AWS::SecretsManager::Secret',
    ]);
  });
});

describe('a configuration that is wrong', () => {
  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['an unknown key', { apps: { crm: { clientId: 'c', retunTo: [] } } }, /apps\.crm: unknown key retunTo/],
    ['an app without a client id', { apps: { crm: {} } }, /apps\.crm\.clientId: /],
    ['a name that no app may have', { apps: { CRM: { clientId: 'c' } } }, /apps\.CRM: app names match/],
    [
      'a plain http return address off loopback',
      { apps: { crm: { clientId: 'c', returnTo: ['https://a.example/', 'http://a.example/'] } } },
      /apps\.crm\.returnTo\.1: must be https/,
    ],
    ['a threshold of nothing', { ...exampleConfig, thresholds: { apiBurst: 0 } }, /thresholds\.apiBurst: /],
    ['a threshold too high', { ...exampleConfig, thresholds: { apiBurst: 10_001 } }, /thresholds\.apiBurst: /],
    ['no app', { apps: {} }, /apps: must name at least one app/],
    [
      'a Salesforce in the clear',
      { ...exampleConfig, salesforceOrigin: 'http://sf.example' },
      /salesforceOrigin: must be https/,
    ],
  ];

  for (const [what, config, message] of wrong) {
    it(`is refused at synth for ${what}, with its path`, () => {
      const make = () => new Grantkeeper(new Stack(emptyApp(), 'S'), 'G', { config: config as typeof exampleConfig });
      assert.throws(make, (error) => error instanceof ConfigurationError && message.test(error.message));
    });
  }
});

describe('the public address', () => {
  it('is the HTTP API’s own by default', () => {
    const template = templateWith();
    const [apiId] = resourcesOf(template, 'AWS::ApiGatewayV2::Api')[0]!;
    for (const name of ['connect', 'callback'] as const) {
      const { PUBLIC_URL } = functionOf(template, name)[1].Properties.Environment.Variables;
      assert.deepEqual(PUBLIC_URL, { 'Fn::GetAtt': [apiId, 'ApiEndpoint'] });
    }
  });

  it('is the configured one where there is one', () => {
    const template = templateWith({ config: { ...exampleConfig, publicUrl: 'https://grants.example.com' } });
    for (const name of ['connect', 'callback'] as const) {
      const { PUBLIC_URL } = functionOf(template, name)[1].Properties.Environment.Variables;
      assert.equal(PUBLIC_URL, 'https://grants.example.com');
    }
    template.hasOutput('CallbackUrl', { Value: 'https://grants.example.com/oauth/callback' });
  });
});
