import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigurationError } from '../../../functions/core/errors.ts';

import type { Ports } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import {
  accessRevokerPort,
  alertsPort,
  appCallersPort,
  configPort,
  configurationQueuePort,
  configurationStepPort,
  egressPort,
  lifeboatPort,
  maintainerPort,
  processPorts,
  publicUrlPort,
  refresherPort,
  refreshQueuePort,
  salesforceApiPort,
  salesforcePort,
  sealingPorts,
  secretAgesPort,
  secretsPort,
  signingKeysPort,
  storePort,
  tableIdentityPort,
  tokensPort,
} from '../../../functions/runtime/aws-ports.ts';
import { environmentOf } from '../../../functions/runtime/environment.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantkeeper-environment-'));
after(() => rmSync(directory, { recursive: true }));

const config = { apps: { crm: { clientId: 'client' } }, publicUrl: 'https://from-config.example' };
writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
writeFileSync(join(directory, 'other.json'), JSON.stringify({ apps: { other: { clientId: 'client' } } }));
writeFileSync(join(directory, 'broken.json'), '{');
writeFileSync(join(directory, 'unknown-key.json'), JSON.stringify({ ...config, claims: true }));

const variables = {
  TABLE_NAME: 'table',
  LIFEBOAT_BUCKET: 'lifeboat',
  REFRESH_QUEUE_URL: 'https://sqs.example/queue',
  REFRESH_FUNCTION_NAME: 'refresh',
  ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:alerts',
  DATA_KEY_ID: 'key',
  CLIENT_SECRET_PREFIX: 'grantkeeper/',
  SIGNING_KEY_PREFIX: 'keys/',
  PUBLIC_URL: 'https://grants.example.com',
  CONFIGURATION_QUEUE_URL: 'https://sqs.example/configurations',
  MAINTAIN_FUNCTION_NAME: 'maintain',
  TOKEN_FUNCTION_NAME: 'token',
  APP_CALLERS: '[]',
};

describe('the environment', () => {
  it('answers each variable', () => {
    const environment = environmentOf(variables, directory);
    assert.equal(environment.tableName(), 'table');
    assert.equal(environment.lifeboatBucket(), 'lifeboat');
    assert.equal(environment.refreshQueueUrl(), 'https://sqs.example/queue');
    assert.equal(environment.refreshFunctionName(), 'refresh');
    assert.equal(environment.alertTopicArn(), 'arn:aws:sns:us-east-1:000000000000:alerts');
    assert.equal(environment.dataKeyId(), 'key');
    assert.equal(environment.clientSecretPrefix(), 'grantkeeper/');
    assert.equal(environment.signingKeyPrefix(), 'keys/');
    assert.equal(environment.publicUrl(), 'https://grants.example.com');
    assert.equal(environment.configurationQueueUrl(), 'https://sqs.example/configurations');
    assert.equal(environment.maintainFunctionName(), 'maintain');
    assert.equal(environment.tokenFunctionName(), 'token');
    assert.equal(environment.appCallers().allowedApps(undefined, 'read'), 'all');
  });

  it('names the variable that is missing or empty, and asks for no other', () => {
    const asks = {
      TABLE_NAME: 'tableName',
      LIFEBOAT_BUCKET: 'lifeboatBucket',
      REFRESH_QUEUE_URL: 'refreshQueueUrl',
      REFRESH_FUNCTION_NAME: 'refreshFunctionName',
      ALERT_TOPIC_ARN: 'alertTopicArn',
      DATA_KEY_ID: 'dataKeyId',
      CLIENT_SECRET_PREFIX: 'clientSecretPrefix',
      SIGNING_KEY_PREFIX: 'signingKeyPrefix',
      CONFIGURATION_QUEUE_URL: 'configurationQueueUrl',
      MAINTAIN_FUNCTION_NAME: 'maintainFunctionName',
      TOKEN_FUNCTION_NAME: 'tokenFunctionName',
      APP_CALLERS: 'appCallers',
    } as const;
    for (const [name, ask] of Object.entries(asks)) {
      for (const value of [undefined, '']) {
        const environment = environmentOf({ ...variables, [name]: value }, directory);
        assert.throws(
          () => environment[ask](),
          (error) => error instanceof ConfigurationError && error.message.includes(name),
        );
        for (const other of Object.values(asks)) if (other !== ask) assert.ok(environment[other]());
      }
    }
  });

  it('knows the deployer’s own configuration step, or that there is none', () => {
    const nameIn = (CONFIGURATION_FUNCTION_NAME?: string) =>
      environmentOf({ CONFIGURATION_FUNCTION_NAME }, directory).configurationFunctionName();
    assert.equal(
      nameIn('arn:aws:lambda:us-east-1:111122223333:function:step'),
      'arn:aws:lambda:us-east-1:111122223333:function:step',
    );
    assert.equal(nameIn(''), undefined);
    assert.equal(nameIn(), undefined);
  });

  it('knows the topic for a chat, or that there is none', () => {
    const topicIn = (CHAT_TOPIC_ARN?: string) => environmentOf({ CHAT_TOPIC_ARN }, directory).chatTopicArn();
    assert.equal(topicIn('arn:aws:sns:us-east-1:000000000000:chat'), 'arn:aws:sns:us-east-1:000000000000:chat');
    assert.deepEqual([topicIn(''), topicIn()], [undefined, undefined]);
  });

  it('knows the namespace of its stack’s metrics, and one for none', () => {
    const namespaceIn = (POWERTOOLS_METRICS_NAMESPACE?: string) =>
      environmentOf({ POWERTOOLS_METRICS_NAMESPACE }, directory).metricsNamespace();
    assert.deepEqual(
      [namespaceIn('Staging'), namespaceIn(''), namespaceIn()],
      ['Staging', 'Grantkeeper', 'Grantkeeper'],
    );
  });

  it('refuses limits of callers that it does not understand', () => {
    assert.throws(() => environmentOf({ APP_CALLERS: '{}' }, directory).appCallers(), /APP_CALLERS: is wrong at/);
  });

  it('takes the public URL from the configuration where the variable is not set, and refuses one with a path', () => {
    assert.equal(environmentOf({}, directory).publicUrl(), 'https://from-config.example');
    const without = { CONFIG_FILE: join(directory, 'other.json') };
    assert.throws(() => environmentOf(without, directory).publicUrl(), /PUBLIC_URL: is not set/);
    const withPath = { PUBLIC_URL: 'https://grants.example.com/prod' };
    assert.throws(() => environmentOf(withPath, directory).publicUrl(), /PUBLIC_URL: must be an origin/);
  });

  it('reads the configuration beside the bundle, or the file that it is told', () => {
    assert.deepEqual(Object.keys(environmentOf({}, directory).config().apps), ['crm']);
    const told = environmentOf({ CONFIG_FILE: join(directory, 'other.json') }, directory);
    assert.deepEqual(Object.keys(told.config().apps), ['other']);
    assert.equal(told.config(), told.config());
  });

  it('names the configuration file that is missing, not JSON, or not valid', () => {
    const configOf = (file: string) => () => environmentOf({ CONFIG_FILE: join(directory, file) }, directory).config();
    assert.throws(configOf('missing.json'), /missing\.json cannot be read/);
    assert.throws(configOf('broken.json'), /broken\.json is not JSON/);
    assert.throws(configOf('unknown-key.json'), /unknown-key\.json is not valid:[\s\S]*unknown key claims/);
  });
});

describe('EGRESS_ADDRESSES', () => {
  const addressesOf = (text: string | undefined) =>
    environmentOf({ EGRESS_ADDRESSES: text }, directory).egressAddresses();

  it('are IP addresses, of either version, or none where nothing is set', () => {
    assert.deepEqual(addressesOf(undefined), []);
    assert.deepEqual(addressesOf(''), []);
    assert.deepEqual(addressesOf('192.0.2.1, 2001:db8::1'), ['192.0.2.1', '2001:db8::1']);
  });

  it('may be ranges, as the prop egress takes them of a VPC of the deployer’s', () => {
    assert.deepEqual(addressesOf('192.0.2.0/24,2001:db8::/64'), ['192.0.2.0/24', '2001:db8::/64']);
  });

  it('are refused where one is no address, which nobody could allow', () => {
    assert.throws(() => addressesOf('192.0.2.1,nat.example.com'), /EGRESS_ADDRESSES: .*got nat\.example\.com/);
    for (const wrong of ['192.0.2.0/33', '2001:db8::/129', '192.0.2.0/', '192.0.2.0/2/4', '192.0.2.0/x', '/24']) {
      assert.throws(() => addressesOf(wrong), /EGRESS_ADDRESSES: .*got /, wrong);
    }
  });
});

describe('the ports in AWS', () => {
  it('need the variables of what is used, and name the one that is missing', () => {
    const environment = environmentOf({ TABLE_NAME: 'table', AWS_REGION: 'us-east-1' }, directory);
    const process = processPorts(environment);
    assert.ok(storePort(environment, process).store);
    assert.equal(configPort(environment).config.apps.crm?.clientId, 'client');
    assert.throws(() => lifeboatPort(environment, process), /LIFEBOAT_BUCKET: is not set/);
    assert.throws(() => sealingPorts(environment), /DATA_KEY_ID: is not set/);
    assert.throws(() => secretsPort(environment, process), /CLIENT_SECRET_PREFIX: is not set/);
    assert.throws(() => secretAgesPort(environment), /CLIENT_SECRET_PREFIX: is not set/);
    assert.throws(() => refreshQueuePort(environment, process), /REFRESH_QUEUE_URL: is not set/);
    assert.throws(() => refresherPort(environment), /REFRESH_FUNCTION_NAME: is not set/);
    assert.throws(() => accessRevokerPort(environment), /REFRESH_FUNCTION_NAME: is not set/);
    assert.throws(() => alertsPort(environment, process), /ALERT_TOPIC_ARN: is not set/);
    assert.throws(() => appCallersPort(environment), /APP_CALLERS: is not set/);
    assert.throws(() => configurationQueuePort(environment), /CONFIGURATION_QUEUE_URL: is not set/);
    assert.throws(() => maintainerPort(environment), /MAINTAIN_FUNCTION_NAME: is not set/);
    assert.throws(() => tokensPort(environment), /TOKEN_FUNCTION_NAME: is not set/);
  });

  it('are complete under the environment that the construct sets', () => {
    const environment = environmentOf({ ...variables, AWS_REGION: 'us-east-1' }, directory);
    const process = processPorts(environment);
    const ports: Ports = {
      ...process,
      ...configPort(environment),
      ...appCallersPort(environment),
      ...egressPort(environment),
      ...publicUrlPort(environment),
      ...storePort(environment, process),
      ...tableIdentityPort(environment, process),
      ...lifeboatPort(environment, process),
      ...sealingPorts(environment),
      ...salesforcePort(environment),
      ...secretsPort(environment, process),
      ...secretAgesPort(environment),
      ...signingKeysPort(environment, process),
      ...refreshQueuePort(environment, process),
      ...refresherPort(environment),
      ...accessRevokerPort(environment),
      ...alertsPort(environment, process),
      ...salesforceApiPort(environment),
      ...configurationQueuePort(environment),
      ...configurationStepPort(environment),
      ...maintainerPort(environment),
      ...tokensPort(environment),
    };
    for (const [name, port] of Object.entries(ports)) assert.notEqual(port, undefined, name);
  });

  it('send nothing to a host that is none of Salesforce’s, whatever an item names', async () => {
    const environment = environmentOf({ ...variables, AWS_REGION: 'us-east-1' }, directory);
    const { salesforce } = salesforcePort(environment);
    const { salesforceApi } = salesforceApiPort(environment);
    const token = new Secret('t');
    const user = { orgId: '00D5e000001abcdEAA', userId: '0055e000001abcdEAA' };
    const foreign = { name: 'ForeignHostError' };
    await assert.rejects(salesforce.revoke('https://127.0.0.1:9', token, 1), foreign);
    await assert.rejects(salesforceApi.identity('https://127.0.0.1:9', user, token, 1), foreign);
  });

  it('hold a configuration step that does nothing, where there is no function of the deployer’s', async () => {
    const { configurationStep } = configurationStepPort(environmentOf({}, directory));
    const event = { connection_id: 'c', tenant: 't', integration: 'i', configuration: null, configuration_version: 1 };
    assert.equal(await configurationStep.run(event), undefined);
  });
});
