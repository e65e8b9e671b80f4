import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { EgressProps } from '../../lib/egress.ts';
import { functionNames } from '../../lib/functions.ts';
import { salesforceCallers } from '../../lib/salesforce-callers.ts';
import { emptyApp, stackWith, templateWith } from './synthesized.ts';
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
    for (const [, { DeletionPolicy }] of addresses) assert.equal(DeletionPolicy, 'Retain');
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

describe('an egress that is told more', () => {
  it('has as many addresses as zones, and lets them go where nothing is retained', () => {
    const template = templateWith({ egress: { availabilityZones: 1 }, retain: false });
    const addresses = resourcesOf(template, 'AWS::EC2::EIP');
    assert.equal(addresses.length, 1);
    assert.equal(addresses[0]?.[1].DeletionPolicy, 'Delete');
    assert.equal(resourcesOf(template, 'AWS::EC2::NatGateway').length, 1);
  });

  it('takes up the Elastic IPs of before', () => {
    const elasticIps = [
      { allocationId: 'eipalloc-1', address: '203.0.113.7' },
      { allocationId: 'eipalloc-2', address: '203.0.113.8' },
    ];
    const template = templateWith({ egress: { elasticIps } });
    assert.deepEqual(resourcesOf(template, 'AWS::EC2::EIP'), []);
    assert.deepEqual(
      resourcesOf(template, 'AWS::EC2::NatGateway')
        .map(([, { Properties }]) => Properties.AllocationId)
        .toSorted(),
      ['eipalloc-1', 'eipalloc-2'],
    );
    assert.equal(template.toJSON().Outputs.EgressAddresses.Value, '203.0.113.7,203.0.113.8');
  });

  it('goes by a VPC of the deployer’s, makes no VPC, and endpoints only where told, without a policy', () => {
    for (const makeEndpoints of [undefined, true]) {
      const template = inOwnVpc({ egressAddresses: ['203.0.113.7', '198.51.100.0/28'], makeEndpoints });
      assert.deepEqual(resourcesOf(template, 'AWS::EC2::VPC'), []);
      for (const name of functionNames) {
        const { VpcConfig } = functionOf(template, name)[1].Properties;
        assert.equal(VpcConfig !== undefined, salesforceCallers.includes(name), name);
      }
      const endpoints = resourcesOf(template, endpointType);
      assert.equal(endpoints.length, makeEndpoints === true ? 7 : 0);
      for (const [, { Properties }] of endpoints) assert.equal(Properties.PolicyDocument, undefined);
      assert.equal(template.toJSON().Outputs.EgressAddresses.Value, '203.0.113.7,198.51.100.0/28');
    }
  });

  const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['no zone', () => templateWith({ egress: { availabilityZones: 0 } }), /must be 1 to 3; got 0/],
    ['four zones', () => templateWith({ egress: { availabilityZones: 4 } }), /must be 1 to 3; got 4/],
    [
      'too few Elastic IPs',
      () => templateWith({ egress: { elasticIps: [{ allocationId: 'eipalloc-1', address: '203.0.113.7' }] } }),
      /one for each zone, which are 2; got 1/,
    ],
    ['a VPC without addresses', () => inOwnVpc({ egressAddresses: [] }), /must name at least one address/],
    ['a name for an address', () => inOwnVpc({ egressAddresses: ['nat.example.com'] }), /IPv4.*got nat\.example\.com/],
    ['a range too small to be one', () => inOwnVpc({ egressAddresses: ['203.0.113.0/33'] }), /got 203\.0\.113\.0\/33/],
  ];
  for (const [what, make, message] of refused) {
    it(`is refused at synth for ${what}`, () => void assert.throws(make, message));
  }
});

function inOwnVpc(props: { egressAddresses: string[]; makeEndpoints?: boolean | undefined }): Template {
  const app = emptyApp();
  const env = { account: '111122223333', region: 'eu-central-1' };
  const vpc = new Vpc(new Stack(app, 'Theirs', { env }), 'Vpc');
  const subnets = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  const egress: EgressProps = { vpc, subnets, ...props };
  return Template.fromStack(stackWith({ app, env, egress }));
}

function ec2ActionsOf(template: Template, name: (typeof functionNames)[number]): string[] {
  return statementsOf(template, name)
    .flatMap(actionsOf)
    .filter((action) => action.startsWith('ec2:'));
}
