import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigurationError } from '../../../functions/core/errors.ts';

import type { Ports } from '../../../functions/core/ports.ts';
import {
  alertsPort,
  configPort,
  configurationStepPort,
  lifeboatPort,
  processPorts,
  publicUrlPort,
  refresherPort,
  refreshQueuePort,
  salesforcePort,
  sealingPorts,
  secretsPort,
  storePort,
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
  PUBLIC_URL: 'https://grants.example.com',
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
    assert.equal(environment.publicUrl(), 'https://grants.example.com');
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

describe('the ports in AWS', () => {
  it('need the variables of what is used, and name the one that is missing', () => {
    const environment = environmentOf({ TABLE_NAME: 'table', AWS_REGION: 'us-east-1' }, directory);
    const process = processPorts(environment);
    assert.ok(storePort(environment, process).store);
    assert.equal(configPort(environment).config.apps.crm?.clientId, 'client');
    assert.throws(() => lifeboatPort(environment, process), /LIFEBOAT_BUCKET: is not set/);
    assert.throws(() => sealingPorts(environment), /DATA_KEY_ID: is not set/);
    assert.throws(() => secretsPort(environment, process), /CLIENT_SECRET_PREFIX: is not set/);
    assert.throws(() => refreshQueuePort(environment, process), /REFRESH_QUEUE_URL: is not set/);
    assert.throws(() => refresherPort(environment), /REFRESH_FUNCTION_NAME: is not set/);
    assert.throws(() => alertsPort(environment), /ALERT_TOPIC_ARN: is not set/);
  });

  it('are complete under the environment that the construct sets', () => {
    const environment = environmentOf({ ...variables, AWS_REGION: 'us-east-1' }, directory);
    const process = processPorts(environment);
    const ports: Ports = {
      ...process,
      ...configPort(environment),
      ...publicUrlPort(environment),
      ...storePort(environment, process),
      ...lifeboatPort(environment, process),
      ...sealingPorts(environment),
      ...salesforcePort(),
      ...secretsPort(environment, process),
      ...refreshQueuePort(environment, process),
      ...refresherPort(environment),
      ...alertsPort(environment),
      ...configurationStepPort(),
    };
    for (const [name, port] of Object.entries(ports)) assert.notEqual(port, undefined, name);
  });
});
