import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import { functionNames } from '../../lib/functions.ts';
import { salesforceCallers } from '../../lib/salesforce-callers.ts';
import { templateWith } from './synthesized.ts';
import { actionsOf, functionOf, mentions, onlyResource, resourcesOf, statementsOf } from './template-reading.ts';

const others = functionNames.filter((name) => !salesforceCallers.includes(name));
const endpointType = 'AWS::EC2::VPCEndpoint';

describe('who calls Salesforce', () => {
  it('is who has a port to it in its entry file, and nobody else', () => {
    const portTo = /\bsalesforce(?:Api)?Port\(environment\)/;
    const entryOf = (name: string) => readFileSync(join(import.meta.dirname, `../../functions/${name}.ts`), 'utf8');
    assert.deepEqual(
      functionNames.filter((name) => portTo.test(entryOf(name))),
      salesforceCallers,
    );
  });
});

describe('without egress', () => {
  const template = templateWith();

  it('there is no VPC, no address, and no output of one', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    assert.deepEqual(
      types.filter((type) => type.startsWith('AWS::EC2::')),
      [],
    );
    assert.equal(template.toJSON().Outputs.EgressAddresses, undefined);
    assert.equal(functionOf(template, 'connections')[1].Properties.Environment.Variables.EGRESS_ADDRESSES, undefined);
  });

  it('no function stands in a VPC, and none may touch network interfaces', () => {
    for (const name of functionNames) {
      assert.equal(functionOf(template, name)[1].Properties.VpcConfig, undefined);
      assert.deepEqual(ec2ActionsOf(template, name), []);
    }
  });
});

describe('with egress', () => {
  const template = templateWith({ egress: {} });
  const [groupId, group] = onlyResource(template, 'AWS::EC2::SecurityGroup', 'EgressSecurityGroup');
  const addresses = resourcesOf(template, 'AWS::EC2::EIP');

  for (const name of salesforceCallers) {
    it(`${name} stands in the private subnets, in the group that lets out TLS alone`, () => {
      const { SubnetIds, SecurityGroupIds } = functionOf(template, name)[1].Properties.VpcConfig;
      assert.equal(SubnetIds.length, 2);
      for (const { Ref } of SubnetIds) {
        const { MapPublicIpOnLaunch } = template.toJSON().Resources[Ref].Properties;
        assert.equal(MapPublicIpOnLaunch, false);
        assert.match(Ref, /functionsSubnet/);
      }
      assert.deepEqual(SecurityGroupIds, [{ 'Fn::GetAtt': [groupId, 'GroupId'] }]);
    });

    it(`lets Lambda make the interfaces of ${name}, and denies it to its code`, () => {
      const statements = statementsOf(template, name).filter((one) => actionsOf(one).some((a) => a.startsWith('ec2:')));
      const denied = statements.filter(({ Effect }) => Effect === 'Deny').flatMap(actionsOf);
      const allowed = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(actionsOf);
      assert.deepEqual(denied.toSorted(), allowed.toSorted());
      assert.equal(allowed.length, 6);
      const [denial] = statements.filter(({ Effect }) => Effect === 'Deny');
      assert.match(JSON.stringify(denial?.Condition), /ArnLike.*lambda:SourceFunctionArn.*:function:\*/);
    });
  }

  for (const name of others) {
    it(`leaves ${name} outside, with no right to network interfaces`, () => {
      assert.equal(functionOf(template, name)[1].Properties.VpcConfig, undefined);
      assert.deepEqual(ec2ActionsOf(template, name), []);
    });
  }

  it('lets nothing in, and nothing out but TLS', () => {
    assert.equal(group.Properties.SecurityGroupIngress, undefined);
    assert.deepEqual(
      group.Properties.SecurityGroupEgress.map(({ CidrIp, FromPort, ToPort, IpProtocol }: Record<string, unknown>) => [
        CidrIp,
        IpProtocol,
        FromPort,
        ToPort,
      ]),
      [['0.0.0.0/0', 'tcp', 443, 443]],
    );
  });

  it('leaves by one NAT gateway and one kept Elastic IP in each of two zones', () => {
    assert.equal(addresses.length, 2);
    // Not those of a deployment that failed: an account has five by default.
    for (const [, address] of addresses) {
      assert.deepEqual([address.DeletionPolicy, address.UpdateReplacePolicy], ['RetainExceptOnCreate', 'Retain']);
    }
    const used = resourcesOf(template, 'AWS::EC2::NatGateway').map(
      ([, { Properties }]) => Properties.AllocationId['Fn::GetAtt'][0],
    );
    assert.deepEqual(used.toSorted(), addresses.map(([id]) => id).toSorted());
  });

  it('says the addresses to the deployer and to connections, and to no other function', () => {
    const joined = { 'Fn::Join': [',', addresses.map(([id]) => ({ Ref: id }))] };
    assert.deepEqual(template.toJSON().Outputs.EgressAddresses.Value, joined);
    for (const name of functionNames) {
      const { EGRESS_ADDRESSES } = functionOf(template, name)[1].Properties.Environment.Variables;
      assert.deepEqual(EGRESS_ADDRESSES, name === 'connections' ? joined : undefined);
    }
  });

  it('reaches AWS by gateways for DynamoDB and S3 and interfaces for KMS, Secrets Manager, SQS, SNS and Lambda', () => {
    const services = resourcesOf(template, endpointType).map(([, { Properties }]) => [
      JSON.stringify(Properties.ServiceName).replace(/.*\.([a-z0-9]+)".*/, '$1'),
      Properties.VpcEndpointType,
    ]);
    assert.deepEqual(
      services.map(([service, type]) => `${service} ${type}`).toSorted(),
      [
        'dynamodb Gateway',
        'kms Interface',
        's3 Gateway',
        'secretsmanager Interface',
        'sqs Interface',
        'sns Interface',
        'lambda Interface',
      ].toSorted(),
    );
  });

  it('lets only its own functions to the interfaces', () => {
    const [endpointGroup, { Properties: ofEndpoints }] = onlyResource(
      template,
      'AWS::EC2::SecurityGroup',
      'EgressEndpoints',
    );
    for (const [, { Properties }] of resourcesOf(template, endpointType)) {
      if (Properties.VpcEndpointType !== 'Interface') continue;
      assert.deepEqual(Properties.SecurityGroupIds, [{ 'Fn::GetAtt': [endpointGroup, 'GroupId'] }]);
      assert.equal(Properties.PrivateDnsEnabled, true);
    }
    assert.deepEqual(
      ofEndpoints.SecurityGroupIngress.map(({ FromPort, ToPort, SourceSecurityGroupId }: Record<string, unknown>) => [
        FromPort,
        ToPort,
        SourceSecurityGroupId,
      ]),
      [[443, 443, { 'Fn::GetAtt': [groupId, 'GroupId'] }]],
    );
  });

  it('has endpoints that serve this account only, named actions, and of DynamoDB and S3 its own table and bucket', () => {
    for (const [, { Properties }] of resourcesOf(template, endpointType)) {
      const [statement, ...more] = Properties.PolicyDocument.Statement;
      assert.deepEqual(more, []);
      assert.deepEqual(statement.Condition, { StringEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } });
      assert.ok([statement.Action].flat().every((action: string) => !action.includes('*')));
      if (Properties.VpcEndpointType === 'Interface') continue;
      const [of] = [
        onlyResource(template, 'AWS::DynamoDB::Table')[0],
        onlyResource(template, 'AWS::S3::Bucket')[0],
      ].filter((id) => mentions(statement.Resource, id));
      assert.ok(of, 'the gateway’s policy names the resource');
      assert.ok(!JSON.stringify(statement.Resource).includes('"*"'));
    }
  });

  it('lets through every action that a function in the VPC is allowed to ask of a service with an endpoint', () => {
    const through = new Set(
      resourcesOf(template, endpointType).flatMap(([, { Properties }]) =>
        Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => [Action].flat()),
      ),
    );
    const servicesMet = new Set([...through].map((action) => String(action).split(':')[0]));
    assert.deepEqual([...servicesMet].toSorted(), ['dynamodb', 'kms', 'lambda', 's3', 'secretsmanager', 'sns', 'sqs']);
    // Done by Lambda's poller outside of the VPC, or by a service on the caller's behalf (kms:ViaService).
    const elsewhere =
      /^sqs:(?:ChangeMessageVisibility|DeleteMessage|GetQueueAttributes|ReceiveMessage)$|^kms:(?:Encrypt|ReEncrypt)/;
    const needed = salesforceCallers
      .flatMap((name) => statementsOf(template, name))
      .flatMap(actionsOf)
      .filter((action) => servicesMet.has(action.split(':')[0] ?? '') && !elsewhere.test(action));
    assert.ok(needed.length > 20);
    assert.deepEqual(
      needed.filter((action) => !through.has(action)),
      [],
    );
  });

  it('lets through to every resource of DynamoDB and S3 that a function in the VPC is allowed to touch', () => {
    const through = resourcesOf(template, endpointType)
      .filter(([, { Properties }]) => Properties.VpcEndpointType === 'Gateway')
      .flatMap(([, { Properties }]) =>
        Properties.PolicyDocument.Statement.flatMap(({ Resource }: Resources) => Resource),
      )
      .map(arnText);
    const needed = salesforceCallers
      .flatMap((name) => statementsOf(template, name))
      .filter((statement) => actionsOf(statement).some((action) => /^(?:dynamodb|s3):/.test(action)))
      .flatMap(({ Resource }) => [Resource].flat())
      .map(arnText);
    const covered = (arn: string) =>
      through.some((one) => one === arn || (one.endsWith('*') && arn.startsWith(one.slice(0, -1))));
    assert.deepEqual(
      ['/index/', '/c/*'].map((part) => needed.some((arn) => arn.includes(part))),
      [true, true],
    );
    assert.deepEqual(
      needed.filter((arn) => !covered(arn)),
      [],
    );
    // Without the wildcards at their ends, nothing of another table or bucket.
    assert.ok(
      through.every((arn) => /^<[A-Za-z0-9]+\.Arn>(?:\/index\/\*|\/\*)?$/.test(arn)),
      through.join(),
    );
  });

  it('logs who was spoken to, encrypted', () => {
    const [, flowLog] = onlyResource(template, 'AWS::EC2::FlowLog');
    assert.equal(flowLog.Properties.TrafficType, 'ALL');
    const [, logGroup] = onlyResource(template, 'AWS::Logs::LogGroup', 'FlowLog');
    assert.ok(logGroup.Properties.KmsKeyId);
  });

  it('adds no function of its own to the nine', () => {
    template.resourceCountIs('AWS::Lambda::Function', 9);
  });
});

interface Resources {
  readonly Resource: unknown[];
}

/** `<Table.Arn>/index/due`: references by the names of what they refer to. */
function arnText(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const { 'Fn::GetAtt': attribute, 'Fn::Join': joined } = resource as {
    'Fn::GetAtt'?: [string, string];
    'Fn::Join'?: [string, unknown[]];
  };
  if (attribute !== undefined) return `<${attribute.join('.')}>`;
  assert.ok(joined, `neither a text nor joined: ${JSON.stringify(resource)}`);
  return joined[1].map(arnText).join(joined[0]);
}

function ec2ActionsOf(template: Template, name: (typeof functionNames)[number]): string[] {
  return statementsOf(template, name)
    .flatMap(actionsOf)
    .filter((action) => action.startsWith('ec2:'));
}
