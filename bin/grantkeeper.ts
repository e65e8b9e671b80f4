/**
 * The CDK app: `cdk synth`, `cdk diff`, `cdk deploy`. Every synth also runs cdk-nag's AwsSolutions; a finding that is not
 * acknowledged with a reason (`lib/acknowledgements.ts`) fails it.
 *
 * Context: `-c config=path` (a .ts or .json file, default `grantkeeper.config.ts`), `-c stack=name` (default
 * `Grantkeeper`), `-c retain=false` (tests only: the stack's deletion takes table, keys and secrets along).
 */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigurationError } from '../functions/core/errors.ts';
import { defaultConfigurationFile, readConfigurationFile } from '../lib/configuration-file.ts';
import { GrantkeeperStack } from '../lib/grantkeeper-stack.ts';

try {
  await synthesize();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  // The deployer's mistake, not ours: the path and the reason say all, a stack trace would hide them.
  console.error(error.message);
  process.exitCode = 1;
}

async function synthesize(): Promise<void> {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new GrantkeeperStack(app, contextOf(app, 'stack') ?? 'Grantkeeper', {
    config: await readConfigurationFile(contextOf(app, 'config') ?? defaultConfigurationFile),
    retain: retainOf(contextOf(app, 'retain')),
  });
  app.synth();
}

/** From the command line every value is text; from cdk.json it may be anything. */
function contextOf(app: App, key: string): string | undefined {
  const value: unknown = app.node.tryGetContext(key);
  return value === undefined ? undefined : String(value);
}

function retainOf(value: string | undefined): boolean {
  if (value === undefined || value === 'true') return true;
  if (value === 'false') return false;
  throw new ConfigurationError('-c retain', [{ path: 'retain', message: `must be true or false; got ${value}` }]);
}
