/**
 * The VPC that `egress` makes: for each zone a private subnet for the functions and a public one for nothing but its NAT
 * gateway, whose Elastic IP is what customers put on their lists. So the addresses are kept when the stack goes.
 */
import { type CfnResource, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
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
import type { ElasticIp, MadeNetwork } from './egress.ts';
import { EncryptedLogGroup } from './log-group.ts';
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
    const elasticIps = props.elasticIps ?? this.madeElasticIps(zones, props.retain ?? true);
    if (elasticIps.length !== zones) {
      throw new Error(`egress.elasticIps must be one for each zone, which are ${zones}; got ${elasticIps.length}`);
    }
    this.addresses = elasticIps.map(({ address }) => address);
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: `${Stack.of(this).stackName} egress`,
      ipAddresses: IpAddresses.cidr(props.cidr ?? defaultCidr),
      maxAzs: zones,
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
  address.applyRemovalPolicy(retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
}

function requireZones(zones: number): number {
  if (Number.isInteger(zones) && zones >= 1 && zones <= zonesAtMost) return zones;
  throw new Error(`egress.availabilityZones must be 1 to ${zonesAtMost}; got ${zones}`);
}
