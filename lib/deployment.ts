/**
 * What belongs to the deployment and not to the Lambdas' configuration: the domain, the network, what is taken up from an
 * earlier stack. Named export `deployment` of the configuration's module (`grantkeeper.config.ts`): a function of the
 * stack, so that certificates, zones and VPCs can be looked up in it.
 */
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Stack } from 'aws-cdk-lib';
import { ConfigurationError } from '../functions/core/errors.ts';
import type { GrantkeeperProps } from './grantkeeper.ts';
import { type PropNames, requireKnownProps } from './known-props.ts';

export type DeploymentProps = Omit<GrantkeeperProps, 'config' | 'retain'>;

export type Deployment = (stack: Stack) => DeploymentProps;

/** Checks nothing at run time: it gives the editor the type. */
export function defineDeployment(deployment: Deployment): Deployment {
  return deployment;
}

const deploymentProps: PropNames<DeploymentProps> = {
  domainName: true,
  allowExecuteApiUrl: true,
  adopt: true,
  logRetention: true,
  clientSecretPrefix: true,
  throttles: true,
  concurrency: true,
  reservedConcurrency: true,
  configurationFunction: true,
  egress: true,
  alerts: true,
  dashboard: true,
};

/** @throws ConfigurationError where `deployment` says something that nothing reads */
export function deploymentIn(stack: Stack, deployment: Deployment = () => ({})): DeploymentProps {
  const props = deployment(stack);
  requireKnownProps('the deployment', '(root)', props, deploymentProps);
  return props;
}

/**
 * @param path of the configuration, which was read before; JSON has none
 * @throws ConfigurationError where the export is no function
 */
export async function readDeployment(path: string): Promise<Deployment> {
  if (extname(path) === '.json') return () => ({});
  const { deployment }: { deployment?: unknown } = await import(pathToFileURL(resolve(path)).href);
  if (deployment === undefined) return () => ({});
  if (typeof deployment === 'function') return deployment as Deployment;
  throw new ConfigurationError(path, [
    {
      path: 'deployment',
      message: 'must be a function of the stack; write `export const deployment = defineDeployment((stack) => ({…}))`',
    },
  ]);
}
