import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type App, Stack, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Deployment } from '../../lib/deployment.ts';
import { Grantkeeper } from '../../lib/grantkeeper.ts';
import { GrantkeeperStack, type GrantkeeperStackProps } from '../../lib/grantkeeper-stack.ts';
import { emptyApp, exampleConfig } from './synthesized.ts';

const earlier = {
  tableName: 'Old-Table',
  storageKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-4333-8444-555555555555',
  dataKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/66666666-7777-4888-9999-000000000000',
  lifeboatBucketName: 'old-lifeboat',
};

const everything: Deployment = (stack) => ({
  domainName: {
    domainName: 'grants.example.com',
    certificate: Certificate.fromCertificateArn(stack, 'Certificate', certificateArn),
    hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z12345678',
      zoneName: 'example.com',
    }),
  },
  allowExecuteApiUrl: false,
  egress: { availabilityZones: 1 },
  concurrency: 'reserved',
  throttles: { read: { requestsPerSecond: 50, burst: 100 } },
});
const certificateArn = 'arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-4333-8444-555555555555';

describe('cdk-nag’s AwsSolutions, with CloudFormation’s own rules beside it', () => {
  const props: readonly (readonly [string, Partial<GrantkeeperStackProps>])[] = [
    ['by default', {}],
    ['with static egress', { egress: {} }],
    ['with what an earlier stack left', { adopt: earlier }],
    ['with a domain of its own, and all the rest', { deployment: everything }],
  ];
  for (const [what, given] of props) {
    it(`finds nothing that is not acknowledged, ${what}`, () => {
      const app = checkedApp();
      new GrantkeeperStack(app, 'Grantkeeper', { config: exampleConfig, allowExecuteApiUrl: true, ...given });
      assert.deepEqual(findingsOf(app), []);
    });
  }

  it('finds nothing where account and region are known, for its findings name them then', () => {
    const app = checkedApp();
    const env = { account: '111122223333', region: 'eu-central-1' };
    const props = { config: exampleConfig, allowExecuteApiUrl: true, egress: {} };
    new Grantkeeper(new Stack(app, 'Known', { env }), 'Grants', props);
    new Grantkeeper(new Stack(app, 'Adopting', { env }), 'Grants', { ...props, adopt: earlier });
    assert.deepEqual(findingsOf(app), []);
  });

  it('finds nothing in subscriptions, a Slack channel and their queues', () => {
    const app = checkedApp();
    const stack = new GrantkeeperStack(app, 'Grantkeeper', {
      config: exampleConfig,
      allowExecuteApiUrl: true,
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
    const stack = new GrantkeeperStack(app, 'Grantkeeper', { config: exampleConfig, allowExecuteApiUrl: true });
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
