import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { environmentOf } from '../../functions/runtime/environment.ts';
import type { EgressProps } from '../../lib/egress.ts';
import { functionNames } from '../../lib/functions.ts';
import { Grantkeeper } from '../../lib/grantkeeper.ts';
import { salesforceCallers } from '../../lib/salesforce-callers.ts';
import { emptyApp, exampleConfig, stackWith, templateWith } from './synthesized.ts';
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

describe('an egress that is told more', () => {
  it('has as many addresses as zones, and lets them go where nothing is retained', () => {
    const template = templateWith({ egress: { availabilityZones: 1 }, retain: false });
    const addresses = resourcesOf(template, 'AWS::EC2::EIP');
    assert.equal(addresses.length, 1);
    assert.equal(addresses[0]?.[1].DeletionPolicy, 'Delete');
    assert.equal(resourcesOf(template, 'AWS::EC2::NatGateway').length, 1);
  });

  it('gives each zone the room that it had, when another comes', () => {
    const env = { account: '111122223333', region: 'eu-central-1' };
    const rangesOf = (availabilityZones: number) =>
      Object.fromEntries(
        resourcesOf(templateWith({ env, egress: { availabilityZones } }), 'AWS::EC2::Subnet').map(
          ([id, { Properties }]) => [id, Properties.CidrBlock],
        ),
      );
    const all = rangesOf(3);
    assert.equal(Object.keys(all).length, 6);
    for (const fewer of [1, 2]) {
      const some = rangesOf(fewer);
      assert.equal(Object.keys(some).length, 2 * fewer);
      assert.deepEqual({ ...all, ...some }, all);
    }
  });

  it('takes addresses that are known at deployment only', () => {
    const stack = new Stack(emptyApp(), 'Theirs');
    const given = new CfnParameter(stack, 'Addresses', { type: 'CommaDelimitedList' });
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['eu-central-1a'],
      privateSubnetIds: ['subnet-1'],
    });
    const { egressAddresses } = new Grantkeeper(stack, 'Grants', {
      config: exampleConfig,
      allowExecuteApiUrl: true,
      egress: { vpc, egressAddresses: given.valueAsList },
    });
    assert.deepEqual(stack.resolve(Fn.join(',', [...(egressAddresses ?? [])])), {
      'Fn::Join': [',', { Ref: 'Addresses' }],
    });
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
      // As the function reads it, when it starts.
      const { Variables } = functionOf(template, 'connections')[1].Properties.Environment;
      assert.deepEqual(environmentOf(Variables, '.').egressAddresses(), ['203.0.113.7', '198.51.100.0/28']);
    }
  });

  it('makes endpoints that let the others of the VPC in, who get their private names from now on', () => {
    const template = inOwnVpc({ egressAddresses: ['203.0.113.7'], makeEndpoints: true });
    const [callers] = onlyResource(template, 'AWS::EC2::SecurityGroup', 'EgressSecurityGroup');
    const [, endpoints] = onlyResource(template, 'AWS::EC2::SecurityGroup', 'EgressEndpoints');
    type Rule = Readonly<Record<string, unknown>>;
    const rules: readonly Rule[] = endpoints.Properties.SecurityGroupIngress;
    assert.deepEqual(rules.map(({ CidrIp }) => CidrIp).filter(Boolean), [
      '10.0.0.0/8',
      '100.64.0.0/10',
      '172.16.0.0/12',
      '192.168.0.0/16',
    ]);
    assert.ok(rules.every(({ FromPort, ToPort }) => FromPort === 443 && ToPort === 443));
    const byGroup = [
      ...rules,
      ...resourcesOf(template, 'AWS::EC2::SecurityGroupIngress').map(([, one]) => one.Properties),
    ];
    assert.ok(byGroup.some((one) => mentions(one.SourceSecurityGroupId ?? '', callers)));
  });

  const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['no zone', () => templateWith({ egress: { availabilityZones: 0 } }), /must be 1 to 3; got 0/],
    ['four zones', () => templateWith({ egress: { availabilityZones: 4 } }), /must be 1 to 3; got 4/],
    [
      'too few Elastic IPs',
      () => templateWith({ egress: { elasticIps: [{ allocationId: 'eipalloc-1', address: '203.0.113.7' }] } }),
      /one for each zone, which are 2; got 1/,
    ],
    [
      'three zones where the stack knows of two: the third address would be nobody’s',
      () => templateWith({ egress: { availabilityZones: 3 } }),
      /availabilityZones: is 3, but the stack knows of 2.*prop env/,
    ],
    ['a range of the VPC that is none', () => templateWith({ egress: { cidr: '10.0.0.0' } }), /egress\.cidr: must be/],
    ['a range too small', () => templateWith({ egress: { cidr: '10.0.0.0/25' } }), /\/16 to \/24.*got 10\.0\.0\.0\/25/],
    ['an address for an id', () => ofOne('203.0.113.7', '203.0.113.7'), /elasticIps\.0\.allocationId: .*eipalloc-/],
    ['an id for an address', () => ofOne('eipalloc-1', 'eipalloc-1'), /elasticIps\.0\.address: .*got eipalloc-1/],
    [
      'one Elastic IP twice',
      () => {
        const elasticIp = { allocationId: 'eipalloc-1', address: '203.0.113.7' };
        return templateWith({ egress: { elasticIps: [elasticIp, elasticIp] } });
      },
      /elasticIps: must each be another; got eipalloc-1 twice/,
    ],
    [
      'a name that nothing reads, where it would make other addresses',
      () => templateWith({ egress: { elasticIPs: [] } as EgressProps }),
      /egress\.elasticIPs: is not known; known are vpc, availabilityZones, cidr, elasticIps/,
    ],
    [
      'addresses without the VPC that has them',
      () => templateWith({ egress: { vpc: undefined, egressAddresses: ['203.0.113.7'] } as EgressProps }),
      /egress\.egressAddresses: is not known/,
    ],
    [
      'zones of a VPC that is given',
      () => inOwnVpc({ egressAddresses: ['203.0.113.7'], availabilityZones: 3 } as never),
      /egress\.availabilityZones: is not known; known are vpc, subnets, egressAddresses, makeEndpoints/,
    ],
    [
      'a word for a prop',
      () => templateWith({ egress: true as unknown as EgressProps }),
      /egress: must be an object.*got a boolean/,
    ],
    ['a VPC without addresses', () => inOwnVpc({ egressAddresses: [] }), /must name at least one address/],
    ['a name for an address', () => inOwnVpc({ egressAddresses: ['nat.example.com'] }), /IPv4.*got nat\.example\.com/],
    [
      'a private address, by its place in the list',
      () => inOwnVpc({ egressAddresses: ['203.0.113.7', '10.0.4.20'] }),
      /egress\.egressAddresses\.1: must be public; got 10\.0\.4\.20, which is private.*PublicIp/,
    ],
    ['the whole internet', () => inOwnVpc({ egressAddresses: ['0.0.0.0/0'] }), /no wider than \/8; got 0\.0\.0\.0\/0/],
    ['a range too small to be one', () => inOwnVpc({ egressAddresses: ['203.0.113.0/33'] }), /got 203\.0\.113\.0\/33/],
  ];
  for (const [what, make, message] of refused) {
    it(`is refused at synth for ${what}`, () => void assert.throws(make, message));
  }
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

function ofOne(allocationId: string, address: string): Template {
  return templateWith({ egress: { availabilityZones: 1, elasticIps: [{ allocationId, address }] } });
}

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
