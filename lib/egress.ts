/**
 * Static egress: every Lambda that calls Salesforce, and no other, leaves by addresses that do not change.
 *
 * Salesforce asks partner apps that are in more than two customers' orgs for a list of the addresses from which they
 * refresh, and a customer may hold an app to such a list. Without a VPC, a Lambda's address is any of the region's.
 *
 * Source: docs/deploying.md, "The network"
 */
import {
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
} from 'aws-cdk-lib/aws-ec2';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../functions/core/routes.ts';
import { requireEgressAddresses } from './egress-addresses.ts';
import { EgressEndpoints } from './egress-endpoints.ts';
import { EgressNetwork } from './egress-network.ts';
import type { FunctionNetwork } from './function-network.ts';
import { flag, type Kind, list, made, requireKinds, text } from './kinds.ts';
import { requireKnownProps } from './known-props.ts';
import type { LifeboatBucket } from './lifeboat-bucket.ts';
import { salesforceCallers } from './salesforce-callers.ts';
import type { StorageKey } from './storage-key.ts';
import type { GrantTable } from './table.ts';

export type EgressProps = MadeNetwork | GivenNetwork;

/** A VPC of our own: private subnets, a NAT gateway with an Elastic IP for each zone, and endpoints for what AWS is asked. */
export interface MadeNetwork {
  readonly vpc?: undefined;
  /**
   * Zones, and so NAT gateways and addresses: 1 to 3. With one, its failure stops refreshes. Three want a stack that knows
   * its account and region. May grow later: the new address is in use at once, so have it listed before.
   *
   * @default 2
   */
  readonly availabilityZones?: number;
  /** Of the VPC, /16 to /24. Nothing is peered with it. It stays what it was at first. @default '10.0.0.0/20' */
  readonly cidr?: string;
  /**
   * Elastic IPs that are there already, one for each zone: of a stack that went, say, whose addresses stand in
   * customers' lists.
   *
   * @default - made, and kept when the stack goes
   */
  readonly elasticIps?: readonly ElasticIp[];
}

export interface ElasticIp {
  /** `eipalloc-…`. */
  readonly allocationId: string;
  readonly address: string;
}

/** The deployer's own VPC: its routes decide by which addresses the functions leave. */
export interface GivenNetwork {
  readonly vpc: IVpc;
  /** @default - the private subnets that have a way out */
  readonly subnets?: SubnetSelection;
  /** The addresses (or ranges) by which those subnets leave: your NAT gateways'. Nothing can tell them from here. */
  readonly egressAddresses: readonly string[];
  /**
   * Make the endpoints too. A VPC takes one of each with a private name: leave it where yours has them, or leaves by NAT
   * for AWS as well.
   *
   * @default false
   */
  readonly makeEndpoints?: boolean;
}

export interface EgressPartProps {
  readonly egress: EgressProps;
  readonly table: GrantTable;
  readonly lifeboat: LifeboatBucket;
  readonly storageKey: StorageKey;
  readonly logRetention?: RetentionDays;
  readonly retain?: boolean;
}

export class Egress extends Construct {
  /** By which the functions leave; ranges where the deployer gave such. */
  readonly addresses: readonly string[];
  private readonly vpc: IVpc;
  private readonly subnets: SubnetSelection;
  private readonly securityGroup: ISecurityGroup;

  /** @throws ConfigurationError where addresses, zones or Elastic IPs do not fit, or a prop would do nothing */
  constructor(scope: Construct, id: string, props: EgressPartProps) {
    super(scope, id);
    const { egress } = props;
    requireKnownEgress(egress);
    if (egress.vpc === undefined) {
      const network = new EgressNetwork(this, 'Network', { ...props, ...egress });
      this.vpc = network.vpc;
      this.subnets = network.subnets;
      this.addresses = network.addresses;
    } else {
      this.vpc = egress.vpc;
      this.subnets = egress.subnets ?? { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
      this.addresses = requireEgressAddresses(egress.egressAddresses);
    }
    this.securityGroup = this.groupOf();
    if (egress.vpc === undefined || egress.makeEndpoints === true) {
      new EgressEndpoints(this, 'Endpoints', {
        vpc: this.vpc,
        subnets: this.subnets,
        callers: this.securityGroup,
        // In a VPC of the deployer's, others share the endpoints: no policy of ours may stand in their way.
        only: egress.vpc === undefined ? { table: props.table, lifeboat: props.lifeboat } : undefined,
      });
    }
  }

  /** Where this function stands; `undefined`: outside, as all do that never speak to Salesforce. */
  networkOf(name: FunctionName): FunctionNetwork | undefined {
    if (!salesforceCallers.includes(name)) return undefined;
    return { vpc: this.vpc, vpcSubnets: this.subnets, securityGroups: [this.securityGroup] };
  }

  /** Nothing comes in; out goes TLS alone. Names are resolved by the VPC itself, past any group. */
  private groupOf(): SecurityGroup {
    const group = new SecurityGroup(this, 'SecurityGroup', {
      vpc: this.vpc,
      description: 'Grantkeeper: the functions that call Salesforce',
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Salesforce, and endpoints of AWS');
    return group;
  }
}

const vpc = made('selectSubnets', "a VPC, such as Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-…' })");
const count: Kind = [(value) => typeof value === 'number', 'a number'];

/** Of the two kinds of VPC each has its own props: those of the other would do nothing. */
function requireKnownEgress(egress: EgressProps): void {
  const path = 'egress';
  if (egress?.vpc === undefined) {
    const known = { vpc: true, availabilityZones: true, cidr: true, elasticIps: true } as const;
    requireKnownProps<MadeNetwork>('the deployment', path, egress, known);
    requireKinds('egress.', egress, { availabilityZones: count, cidr: text, elasticIps: list });
  } else {
    const known = { vpc: true, subnets: true, egressAddresses: true, makeEndpoints: true } as const;
    requireKnownProps<GivenNetwork>('the deployment', path, egress, known);
    requireKinds('egress.', egress, { vpc, makeEndpoints: flag, egressAddresses: list });
  }
}
