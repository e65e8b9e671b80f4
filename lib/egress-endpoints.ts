/**
 * What the functions of the VPC ask AWS for goes by endpoints and not by the NAT gateways: neither through the internet,
 * nor by what NAT costs for each gigabyte. Logs and metrics need none: Lambda itself takes them to CloudWatch.
 */
import { Stack } from 'aws-cdk-lib';
import {
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { LifeboatBucket } from './lifeboat-bucket.ts';
import type { GrantTable } from './table.ts';

export interface EgressEndpointsProps {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  /** Of the functions: with `only`, it alone may connect. */
  readonly callers: ISecurityGroup;
  /**
   * Hold the endpoints to these and to the account, for the VPC is the functions' alone.
   *
   * @default - the VPC has others: no policy, and whoever has a private address may connect
   */
  readonly only?: { readonly table: GrantTable; readonly lifeboat: LifeboatBucket };
}

interface Service {
  readonly id: string;
  readonly service: InterfaceVpcEndpointAwsService;
  /** What any function of ours asks it. */
  readonly actions: readonly string[];
}

const services: readonly Service[] = [
  {
    id: 'Kms',
    service: InterfaceVpcEndpointAwsService.KMS,
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey', 'kms:ListResourceTags', 'kms:Sign'],
  },
  {
    id: 'SecretsManager',
    service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    actions: ['secretsmanager:GetSecretValue', 'secretsmanager:ListSecretVersionIds'],
  },
  { id: 'Sqs', service: InterfaceVpcEndpointAwsService.SQS, actions: ['sqs:SendMessage'] },
  { id: 'Sns', service: InterfaceVpcEndpointAwsService.SNS, actions: ['sns:Publish'] },
  { id: 'Lambda', service: InterfaceVpcEndpointAwsService.LAMBDA, actions: ['lambda:InvokeFunction'] },
];

export class EgressEndpoints extends Construct {
  constructor(scope: Construct, id: string, props: EgressEndpointsProps) {
    super(scope, id);
    this.addGateways(props);
    const securityGroup = this.groupFor(props);
    for (const { id: name, service, actions } of services) {
      const endpoint = new InterfaceVpcEndpoint(this, name, {
        vpc: props.vpc,
        subnets: props.subnets,
        service,
        securityGroups: [securityGroup],
        open: false,
        privateDnsEnabled: true,
      });
      if (props.only !== undefined) endpoint.addToPolicy(this.ofThisAccount(actions, ['*']));
    }
  }

  private addGateways({ vpc, subnets, only }: EgressEndpointsProps): void {
    const dynamo = new GatewayVpcEndpoint(this, 'DynamoDb', {
      vpc,
      subnets: [subnets],
      service: GatewayVpcEndpointAwsService.DYNAMODB,
    });
    const s3 = new GatewayVpcEndpoint(this, 'S3', {
      vpc,
      subnets: [subnets],
      service: GatewayVpcEndpointAwsService.S3,
    });
    if (only === undefined) return;
    const { table } = only.table;
    const { bucket } = only.lifeboat;
    dynamo.addToPolicy(this.ofThisAccount(itemActions, [table.tableArn, `${table.tableArn}/index/*`]));
    s3.addToPolicy(this.ofThisAccount(objectActions, [bucket.bucketArn, bucket.arnForObjects('*')]));
  }

  /** An endpoint's policy grants nothing: it takes away what neither these functions ask nor this account may. */
  private ofThisAccount(actions: readonly string[], resources: string[]): PolicyStatement {
    return new PolicyStatement({
      principals: [new AnyPrincipal()],
      actions: [...actions],
      resources,
      conditions: { StringEquals: { 'aws:PrincipalAccount': Stack.of(this).account } },
    });
  }

  private groupFor({ vpc, callers, only }: EgressEndpointsProps): SecurityGroup {
    const group = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: `Grantkeeper: the endpoints of AWS services, for ${only === undefined ? 'the VPC' : 'its functions only'}`,
      allowAllOutbound: false,
    });
    group.addIngressRule(Peer.securityGroupId(callers.securityGroupId), Port.tcp(443), 'Grantkeeper functions');
    if (only !== undefined) return group;
    // The private names are the whole VPC's from now on: whoever else in it asks KMS, say, arrives here too.
    for (const range of privateRanges) group.addIngressRule(Peer.ipv4(range), Port.tcp(443), 'Others of the VPC');
    return group;
  }
}

/** Not the VPC's own range: one that is looked up or imported may not tell it, or have others besides. */
const privateRanges = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'];

const itemActions = ['BatchGetItem', 'DeleteItem', 'DescribeTable', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map(
  (action) => `dynamodb:${action}`,
);
const objectActions = ['DeleteObject', 'GetObject', 'ListBucket', 'PutObject'].map((action) => `s3:${action}`);
