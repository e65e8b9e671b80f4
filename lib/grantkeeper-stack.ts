/** A stack with Grantkeeper in it and nothing else: what `bin/grantkeeper.ts` deploys. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type Deployment, deploymentIn } from './deployment.ts';
import { Grantkeeper, type GrantkeeperProps } from './grantkeeper.ts';
import { addOutputs } from './outputs.ts';

export interface GrantkeeperStackProps extends StackProps, GrantkeeperProps {
  /** More props of the construct, which need the stack to be made. */
  readonly deployment?: Deployment;
}

export class GrantkeeperStack extends Stack {
  readonly grantkeeper: Grantkeeper;

  /** @throws ConfigurationError naming each path of `config` that is wrong */
  constructor(scope: Construct, id: string, props: GrantkeeperStackProps) {
    super(scope, id, { description: 'Grantkeeper: keeps Salesforce OAuth grants alive', ...props });
    this.grantkeeper = new Grantkeeper(this, 'Grantkeeper', { ...props, ...deploymentIn(this, props.deployment) });
    addOutputs(this, this.grantkeeper);
  }
}
