import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type App, Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Grantkeeper } from '../../lib/grantkeeper.ts';
import { GrantkeeperStack } from '../../lib/grantkeeper-stack.ts';
import { emptyApp, exampleConfig } from './synthesized.ts';

describe('cdk-nag’s AwsSolutions, with CloudFormation’s own rules beside it', () => {
  it('finds nothing that is not acknowledged', () => {
    const app = checkedApp();
    new GrantkeeperStack(app, 'Grantkeeper', { config: exampleConfig });
    assert.deepEqual(findingsOf(app), []);
  });

  it('finds nothing where account and region are known, for its findings name them then', () => {
    const app = checkedApp();
    const env = { account: '111122223333', region: 'eu-central-1' };
    new Grantkeeper(new Stack(app, 'Known', { env }), 'Grants', { config: exampleConfig });
    assert.deepEqual(findingsOf(app), []);
  });

  it('finds nothing in subscriptions, a Slack channel and their queues', () => {
    const app = checkedApp();
    const stack = new GrantkeeperStack(app, 'Grantkeeper', {
      config: exampleConfig,
      alerts: {
        emails: ['oncall@example.com'],
        https: ['https://example.com/hook'],
        slack: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' },
      },
    });
    assert.ok(stack.grantkeeper.alertTopic);
    assert.deepEqual(findingsOf(app), []);
  });

  it('finds a fault that is put in beside them', () => {
    const app = checkedApp();
    const stack = new GrantkeeperStack(app, 'Grantkeeper', { config: exampleConfig });
    new Bucket(stack, 'Faulty');
    assert.ok(findingsOf(app).includes('AwsSolutions-S10'), `got ${findingsOf(app)}`);
  });
});

function checkedApp(): App {
  const app = emptyApp({ validation: true });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

/** The names of the rules that were broken. */
function findingsOf(app: App): string[] {
  // A broken rule makes `synth` throw, and the report is what says which.
  try {
    app.synth();
  } catch (error) {
    assert.match(String(error), /Validation failed/);
  }
  const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  return report.pluginReports.flatMap(({ violations }: { violations: { ruleName: string }[] }) =>
    violations.map(({ ruleName }) => ruleName),
  );
}
