/** The network of one's own: an own VPC, own addresses, other ranges, and what is refused of them. */
import assert from 'node:assert/strict';
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
import { functionOf, mentions, onlyResource, resourcesOf } from './template-reading.ts';

const endpointType = 'AWS::EC2::VPCEndpoint';

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
