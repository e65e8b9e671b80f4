import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from './synthesized.ts';
import { functionOf, mentions, onlyResource, resourcesOf } from './template-reading.ts';

const template = templateWith();

describe('the functions', () => {
  it('are the nine of the design', () => {
    assert.equal(resourcesOf(template, 'AWS::Lambda::Function').length, 9);
  });

  /** design.md, "Time": HTTP timeout 40 s < function timeout 60 s < lease 75 s; `token` and `connect` wait 20 s for another, the gateway 30. */
  const timeouts: Readonly<Record<FunctionName, number>> = {
    connect: 30,
    callback: 60,
    configure: 300,
    'schedule-refreshes': 50,
    refresh: 60,
    'jwt-bearer': 60,
    token: 30,
    connections: 20,
    maintain: 60,
  };

  for (const name of functionNames) {
    const [functionId, { Properties }] = functionOf(template, name);

    it(`${name} runs on Node.js 24 on arm64 for at most ${timeouts[name]} s`, () => {
      assert.equal(Properties.Runtime, 'nodejs24.x');
      assert.deepEqual(Properties.Architectures, ['arm64']);
      assert.equal(Properties.Timeout, timeouts[name]);
      assert.equal(Properties.Handler, 'index.handler');
      assert.ok(Properties.MemorySize >= 256 && Properties.MemorySize <= 512);
    });

    it(`${name} is never tried again by the platform`, () => {
      const configs = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').map(([, config]) => config.Properties);
      const found = configs.find(({ FunctionName: ref }) => ref.Ref === functionId);
      assert.equal(found?.MaximumRetryAttempts, 0);
    });

    it(`${name} says who it is in logs, metrics and stack traces`, () => {
      const { NODE_OPTIONS, POWERTOOLS_METRICS_NAMESPACE, POWERTOOLS_SERVICE_NAME } = Properties.Environment.Variables;
      assert.equal(NODE_OPTIONS, '--enable-source-maps');
      assert.equal(POWERTOOLS_METRICS_NAMESPACE, 'Grantkeeper');
      assert.equal(POWERTOOLS_SERVICE_NAME, name);
    });
  }

  it('count in the namespace of their stack, so that two stacks do not count for each other', () => {
    const [, { Properties }] = functionOf(templateWith({ id: 'Staging' }), 'refresh');
    assert.equal(Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE, 'Staging');
  });

  it('reserve no concurrency by default', () => {
    for (const name of functionNames) {
      assert.equal(functionOf(template, name)[1].Properties.ReservedConcurrentExecutions, undefined);
    }
  });

  it('reserve concurrency where told, and only there', () => {
    const reserved = templateWith({ reservedConcurrency: { refresh: 40 } });
    assert.equal(functionOf(reserved, 'refresh')[1].Properties.ReservedConcurrentExecutions, 40);
    assert.equal(functionOf(reserved, 'token')[1].Properties.ReservedConcurrentExecutions, undefined);
  });
});

describe('the logs', () => {
  const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');
  const logGroups = resourcesOf(template, 'AWS::Logs::LogGroup');

  it('are one for each function and one of the gateway, encrypted, for a month', () => {
    assert.equal(logGroups.length, 10);
    for (const [, { Properties, DeletionPolicy }] of logGroups) {
      assert.equal(Properties.RetentionInDays, 30);
      assert.ok(mentions(Properties.KmsKeyId, storageKeyId));
      assert.equal(DeletionPolicy, 'Retain');
    }
  });

  it('are kept as long as told, and go with the stack where nothing is retained', () => {
    const other = templateWith({ logRetention: RetentionDays.ONE_DAY, retain: false });
    for (const [, { Properties, DeletionPolicy }] of resourcesOf(other, 'AWS::Logs::LogGroup')) {
      assert.equal(Properties.RetentionInDays, 1);
      assert.equal(DeletionPolicy, 'Delete');
    }
  });
});
