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

export type DeploymentProps = Omit<GrantkeeperProps, 'config' | 'retain'>;

export type Deployment = (stack: Stack) => DeploymentProps;

/** All of them: the compiler names one that is missing here. */
const names: { readonly [Name in keyof Required<DeploymentProps>]: true } = {
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

/** Checks nothing at run time: it gives the editor the type. */
export function defineDeployment(deployment: Deployment): Deployment {
  return deployment;
}

/**
 * @param path of the configuration, which was read before; JSON has none
 * @throws ConfigurationError where the export is no function, or (once it is called) names what there is not
 */
export async function readDeployment(path: string): Promise<Deployment> {
  if (extname(path) === '.json') return () => ({});
  const { deployment }: { deployment?: unknown } = await import(pathToFileURL(resolve(path)).href);
  if (deployment === undefined) return () => ({});
  if (typeof deployment === 'function') return checked(path, deployment as Deployment);
  throw new ConfigurationError(path, [
    {
      path: 'deployment',
      message: 'must be a function of the stack; write `export const deployment = defineDeployment((stack) => ({…}))`',
    },
  ]);
}

/** Types are taken out, not checked, when the file is run: a prop that is misspelt would be one that is not set. */
function checked(path: string, deployment: Deployment): Deployment {
  return (stack) => {
    const props = deployment(stack);
    const unknown = Object.keys(props).filter((name) => !Object.hasOwn(names, name));
    if (unknown.length === 0) return props;
    const message = `is no prop; there are ${Object.keys(names).join(', ')}`;
    throw new ConfigurationError(
      path,
      unknown.map((name) => ({ path: `deployment.${name}`, message })),
    );
  };
}
