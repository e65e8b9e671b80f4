/**
 * The VPC that `egress` makes: for each zone a private subnet for the functions and a public one for nothing but its NAT
 * gateway, whose Elastic IP is what customers put on their lists. So the addresses are kept when the stack goes.
 */
import { isIPv4 } from 'node:net';
import { type CfnResource, Names, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import {
  CfnEIP,
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  NatProvider,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ConfigurationError } from '../functions/core/errors.ts';
import type { ElasticIp, MadeNetwork } from './egress.ts';
import { requireKnownProps } from './known-props.ts';
import { EncryptedLogGroup } from './log-group.ts';
import { keptOnceMade } from './removal.ts';
import type { StorageKey } from './storage-key.ts';

export interface EgressNetworkProps extends MadeNetwork {
  readonly storageKey: StorageKey;
  readonly logRetention?: RetentionDays;
  /** Keep the addresses when the stack is deleted. @default true */
  readonly retain?: boolean;
}

const zonesAtMost = 3;
const defaultCidr = '10.0.0.0/20';

export class EgressNetwork extends Construct {
  readonly vpc: Vpc;
  readonly subnets: SubnetSelection = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  readonly addresses: readonly string[];

  constructor(scope: Construct, id: string, props: EgressNetworkProps) {
    super(scope, id);
    const zones = requireZones(props.availabilityZones ?? 2);
    requireElasticIps(props.elasticIps, zones);
    const elasticIps = props.elasticIps ?? this.madeElasticIps(zones, props.retain ?? true);
    this.addresses = elasticIps.map(({ address }) => address);
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: `${Stack.of(this).stackName} egress`,
      ipAddresses: IpAddresses.cidr(requireCidr(props.cidr ?? defaultCidr)),
      maxAzs: zones,
      // A zone that comes later finds its room free: no subnet can change its range, or overlap another's.
      reservedAzs: zonesAtMost - zones,
      natGateways: zones,
      natGatewayProvider: NatProvider.gateway({
        eipAllocationIds: elasticIps.map(({ allocationId }) => allocationId),
      }),
      subnetConfiguration: [
        { name: 'nat', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask: 28 },
        { name: 'functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
      // Nothing is in the default group; to empty it takes one more Lambda, with a role that may change groups.
      restrictDefaultSecurityGroup: false,
    });
    requireZonesFound(this.vpc.privateSubnets.length, zones);
    this.logFlows(props);
  }

  private madeElasticIps(zones: number, retain: boolean): ElasticIp[] {
    return Array.from({ length: zones }, (_, index) => {
      const address = new CfnEIP(this, `Address${index + 1}`, {
        domain: 'vpc',
        tags: [{ key: 'Name', value: `${Names.uniqueResourceName(this, { maxLength: 60 })} ${index + 1}` }],
      });
      keep(address, retain);
      return { allocationId: address.attrAllocationId, address: address.ref };
    });
  }

  /** Who was spoken to: a Lambda that sends elsewhere than to Salesforce and AWS is found here. */
  private logFlows(props: EgressNetworkProps): void {
    const role = new Role(this, 'FlowLogRole', {
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'Grantkeeper: writes the flow log of the egress VPC',
    });
    this.vpc.addFlowLog('Flows', {
      destination: FlowLogDestination.toCloudWatchLogs(new EncryptedLogGroup(this, 'FlowLog', props), role),
      trafficType: FlowLogTrafficType.ALL,
    });
  }
}

function keep(address: CfnResource, retain: boolean): void {
  // Not after a deployment that failed: an account has five by default, and three tries would use them up.
  address.applyRemovalPolicy(retain ? keptOnceMade : RemovalPolicy.DESTROY);
}

function requireZones(zones: number): number {
  if (Number.isInteger(zones) && zones >= 1 && zones <= zonesAtMost) return zones;
  throw refusal('availabilityZones', `must be 1 to ${zonesAtMost}; got ${zones}`);
}

/** An address without a gateway would stand on customers' lists and be nobody's way out. */
function requireZonesFound(found: number, zones: number): void {
  if (found === zones) return;
  throw refusal(
    'availabilityZones',
    `is ${zones}, but the stack knows of ${found}. A stack without an account and a region counts with 2: give it both ` +
      '(prop env); some regions have no more than 2',
  );
}

function requireCidr(cidr: string): string {
  const [address = '', bits = '', ...more] = cidr.split('/');
  const fits = isIPv4(address) && /^\d{2}$/.test(bits) && Number(bits) >= 16 && Number(bits) <= 24;
  if (fits && more.length === 0) return cidr;
  throw refusal('cidr', `must be a range of IPv4 addresses, /16 to /24, such as ${defaultCidr}; got ${cidr}`);
}

function requireElasticIps(elasticIps: readonly ElasticIp[] | undefined, zones: number): void {
  if (elasticIps === undefined) return;
  if (elasticIps.length !== zones) {
    throw refusal('elasticIps', `must be one for each zone, which are ${zones}; got ${elasticIps.length}`);
  }
  elasticIps.forEach(requireElasticIp);
  for (const part of ['allocationId', 'address'] as const) {
    const values = elasticIps.map((one) => one[part]).filter((value) => !Token.isUnresolved(value));
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) throw refusal('elasticIps', `must each be another; got ${twice} twice`);
  }
}

function requireElasticIp(elasticIp: ElasticIp, index: number): void {
  const path = `elasticIps.${index}`;
  requireKnownProps('the deployment', `egress.${path}`, elasticIp, { allocationId: true, address: true });
  const { allocationId, address } = elasticIp;
  if (!Token.isUnresolved(allocationId) && !/^eipalloc-[0-9a-z]+$/.test(allocationId)) {
    throw refusal(`${path}.allocationId`, `must be the id of an Elastic IP, eipalloc-…; got ${allocationId}`);
  }
  if (Token.isUnresolved(address) || isIPv4(address)) return;
  throw refusal(`${path}.address`, `must be its IPv4 address, such as 203.0.113.7; got ${address}`);
}

function refusal(path: string, message: string): ConfigurationError {
  return new ConfigurationError('the deployment', [{ path: `egress.${path}`, message }]);
}
