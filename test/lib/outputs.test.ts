import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateWith } from './synthesized.ts';
import { functionOf, onlyResource } from './template-reading.ts';

const template = templateWith();
const outputs: Record<string, { Value: unknown }> = template.toJSON().Outputs;

describe('the outputs', () => {
  const [apiId] = onlyResource(template, 'AWS::ApiGatewayV2::Api');
  const endpoint = { 'Fn::GetAtt': [apiId, 'ApiEndpoint'] };

  it('name the callback URL to register at Salesforce', () => {
    assert.deepEqual(outputs.CallbackUrl?.Value, { 'Fn::Join': ['', [endpoint, '/oauth/callback']] });
  });

  it('name the HTTP API, the topic of alerts and the table', () => {
    assert.deepEqual(outputs.ApiUrl?.Value, endpoint);
    assert.deepEqual(outputs.AlertTopicArn?.Value, { Ref: onlyResource(template, 'AWS::SNS::Topic')[0] });
    assert.deepEqual(outputs.TableName?.Value, { Ref: onlyResource(template, 'AWS::DynamoDB::Table')[0] });
  });

  it('name the dashboard, where there is one', () => {
    assert.deepEqual(outputs.DashboardName?.Value, { Ref: onlyResource(template, 'AWS::CloudWatch::Dashboard')[0] });
    assert.equal(templateWith({ dashboard: false }).toJSON().Outputs.DashboardName, undefined);
  });

  it('name each client secret that must be set, as a plain name', () => {
    const names = Object.entries(outputs).filter(([id]) => id.startsWith('ClientSecretName'));
    assert.deepEqual(names.map(([, { Value }]) => Value).toSorted(), [
      'Grantkeeper/crm-eu/client-secret',
      'Grantkeeper/crm-service/client-secret',
      'Grantkeeper/crm/client-secret',
    ]);
  });

  it('name the command that makes each signing key, of KMS or PEM, and none for other apps', () => {
    const commands = Object.entries(outputs).filter(([id]) => id.startsWith('SigningKeyCommand'));
    assert.deepEqual(commands.map(([, { Value }]) => Value).toSorted(), [
      'npx grantkeeper signing-key crm-jwt',
      'npx grantkeeper signing-key crm-pem',
    ]);
  });

  it('name the prefix in that command where it is not the default', () => {
    const commands = Object.entries(templateWith({ id: 'Staging' }).toJSON().Outputs as typeof outputs)
      .filter(([id]) => id.startsWith('SigningKeyCommand'))
      .map(([, { Value }]) => Value);
    assert.ok(commands.includes('npx grantkeeper signing-key crm-jwt --stack-prefix Staging/'), `got ${commands}`);
  });

  it('name the function that makes connections without a browser', () => {
    assert.deepEqual(outputs.JwtBearerFunctionName?.Value, { Ref: functionOf(template, 'jwt-bearer')[0] });
  });
});
