/**
 * Where in a VPC a Lambda stands, and what its role needs for that: Lambda makes the function's network interfaces in its
 * name. The function's own code may do none of it, which a denial sees to.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { acknowledgeNetworkInterfaces } from './acknowledgements.ts';

export interface FunctionNetwork {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly securityGroups: ISecurityGroup[];
}

/** EC2 takes these on all resources only. */
const readsInterfaces = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];
const changesInterfaces = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:UnassignPrivateIpAddresses',
];

export function allowNetworkInterfaces(role: Role): void {
  const stack = Stack.of(role);
  const ofAccount = stack.formatArn({ service: 'ec2', resource: '*', resourceName: '*' });
  // Not the function itself by name: it depends on its role, and would have to be there first.
  const anyFunction = stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPrincipalPolicy(new PolicyStatement({ actions: readsInterfaces, resources: ['*'] }));
  role.addToPrincipalPolicy(new PolicyStatement({ actions: changesInterfaces, resources: [ofAccount] }));
  role.addToPrincipalPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: [...changesInterfaces, ...readsInterfaces].toSorted(),
      resources: ['*'],
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': anyFunction } },
    }),
  );
  acknowledgeNetworkInterfaces(role);
}
