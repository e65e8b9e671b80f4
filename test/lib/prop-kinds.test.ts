import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { requirePropKinds } from '../../lib/prop-kinds.ts';
import { templateWith } from './synthesized.ts';

type Props = Parameters<typeof requirePropKinds>[0];

describe('a prop', () => {
  for (const [props, message] of [
    [
      { allowExecuteApiUrl: 'false' },
      /^the deployment is not valid:\n {2}allowExecuteApiUrl: must be true or false.*got "false"$/,
    ],
    [{ dashboard: 'no' }, /dashboard: must be true or false, without quotes; got "no"/],
    [{ dashboard: null }, /dashboard: .*got null/],
    [{ retain: 0 }, /retain: .*got 0/],
    [{ clientSecretPrefix: 5 }, /clientSecretPrefix: must be text; got 5/],
    [{ logRetention: 6 }, /logRetention: must be of RetentionDays, .*1, 3, 5, 7, 14.*got 6/],
    [{ logRetention: '30' }, /logRetention: .*got "30"/],
    [
      { configurationFunction: 'arn:aws:lambda:…' },
      /configurationFunction: must be a function, such as .*fromFunctionArn.*got "arn/,
    ],
    [
      { alerts: 'oncall@example.com' },
      /alerts: must be an object of emails, https, queues, slack, filter; got a string/,
    ],
    [{ alerts: { email: ['oncall@example.com'] } }, /alerts\.email: is not known; known are emails/],
    [{ alerts: { emails: 'oncall@example.com' } }, /alerts\.emails: must be a list, .*got "oncall@example\.com"/],
    [{ alerts: { queues: {} } }, /alerts\.queues: must be a list, .*got an object/],
    [
      { alerts: { filter: { severity: ['critical'] } } },
      /alerts\.filter\.severity: is not known; known are types, apps, severities/,
    ],
    [{ alerts: { filter: { types: 'app_misconfigured' } } }, /alerts\.filter\.types: must be a list/],
    [{ alerts: { slack: '#ops' } }, /alerts\.slack: must be an object of workspaceId, channelId; got a string/],
    [{ alerts: { slack: { workspace: 'T0' } } }, /alerts\.slack\.workspace: is not known/],
  ] as const) {
    it(`is refused where it is ${JSON.stringify(props)}`, () => {
      assert.throws(() => requirePropKinds(props as unknown as Props), { name: 'ConfigurationError', message });
    });
  }

  it('passes where it is of its kind, and where it is left out', () => {
    const stack = new Stack();
    requirePropKinds({});
    requirePropKinds({
      allowExecuteApiUrl: false,
      retain: true,
      dashboard: false,
      clientSecretPrefix: '',
      logRetention: RetentionDays.INFINITE,
      configurationFunction: LambdaFunction.fromFunctionArn(
        stack,
        'SetUp',
        'arn:aws:lambda:eu-west-1:111122223333:function:set-up',
      ),
      alerts: {
        emails: [],
        queues: [new Queue(stack, 'Queue')],
        filter: { severities: ['critical'] },
        slack: { workspaceId: 'T0', channelId: 'C0' },
      },
    });
  });

  for (const [props, message] of [
    [{ egress: { vpc: 'vpc-123', egressAddresses: [] } }, /egress\.vpc: must be a VPC, such as .*got "vpc-123"/],
    [{ egress: { availabilityZones: '2' } }, /egress\.availabilityZones: must be a number; got "2"/],
    [{ egress: { elasticIps: 'eipalloc-1' } }, /egress\.elasticIps: must be a list, .*got "eipalloc-1"/],
    [
      { domainName: { domainName: 'a.example.com', certificate: 'arn:aws:acm:…' } },
      /certificate: must be a certificate, such as/,
    ],
    [{ adopt: { clientSecretArns: 'arn:aws:…' } }, /adopt\.clientSecretArns: must be texts by name, .*got "arn/],
    [{ adopt: { clientSecretArns: { crm: null } } }, /adopt\.clientSecretArns: must be texts by name/],
    [{ alerts: { queues: ['https://sqs.example'] } }, /alerts\.queues\.0: must be a queue, .*got "https/],
  ] as const) {
    it(`is refused by the construct where it is ${JSON.stringify(props)}`, () => {
      assert.throws(() => templateWith(props as object), { name: 'ConfigurationError', message });
    });
  }

  it('is refused where a zone is its id alone', () => {
    const certificate = { certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/c' };
    const domainName = { domainName: 'a.example.com', certificate, hostedZone: 'Z123' } as object;
    assert.throws(() => templateWith({ domainName } as object), /domainName\.hostedZone: must be a zone, .*got "Z123"/);
  });

  it('is judged by the construct, before anything is made', () => {
    const alerts = { email: ['oncall@example.com'] } as object;
    assert.throws(() => templateWith({ alerts }), /alerts\.email: is not known/);
    assert.throws(() => templateWith({ domainName: null as never }), /domainName: must be an object of .*got null/);
    assert.throws(() => templateWith({ egress: null as never }), /egress: must be an object of vpc, .*got null/);
  });
});
