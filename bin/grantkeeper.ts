/**
 * The CDK app: `cdk synth`, `cdk diff`, `cdk deploy`. Every synth also runs cdk-nag's AwsSolutions; a finding that is not
 * acknowledged with a reason (`lib/acknowledgements.ts`) fails it.
 *
 * Context: `-c config=path` (a .ts or .json file, default `grantkeeper.config.ts`), `-c stack=name` (default
 * `Grantkeeper`), `-c retain=false` (tests only: the stack's deletion takes table, keys and secrets along),
 * `-c allowExecuteApiUrl=true` (no domain of its own: for trials).
 *
 * Account and region are those of the credentials (CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION of the command line).
 */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigurationError } from '../functions/core/errors.ts';
import { defaultConfigurationFile, readConfigurationFile } from '../lib/configuration-file.ts';
import { readDeployment } from '../lib/deployment.ts';
import { GrantkeeperStack } from '../lib/grantkeeper-stack.ts';

try {
  await synthesize();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  // The deployer's mistake, not ours: the path and the reason say all, a stack trace would hide them.
  console.error(error.message);
  // At once: the app would synthesize what there is of it at the process's end, and report on that.
  process.exit(1);
}

async function synthesize(): Promise<void> {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const file = contextOf(app, 'config') ?? defaultConfigurationFile;
  const allowExecuteApiUrl = flagOf('allowExecuteApiUrl', contextOf(app, 'allowExecuteApiUrl'));
  new GrantkeeperStack(app, contextOf(app, 'stack') ?? 'Grantkeeper', {
    config: await readConfigurationFile(file),
    deployment: await readDeployment(file),
    retain: flagOf('retain', contextOf(app, 'retain')),
    // Where the command line is about to deploy to: without it nothing can be looked up in `deployment`, and there are two
    // zones at most. Without credentials it is not known, and the stack goes anywhere.
    env: { account: process.env.CDK_DEFAULT_ACCOUNT || undefined, region: process.env.CDK_DEFAULT_REGION || undefined },
    ...(allowExecuteApiUrl === undefined ? {} : { allowExecuteApiUrl }),
  });
  app.synth();
}

/** From the command line every value is text; from cdk.json it may be anything. */
function contextOf(app: App, key: string): string | undefined {
  const value: unknown = app.node.tryGetContext(key);
  return value === undefined ? undefined : String(value);
}

/** `undefined`: not given, and the prop's default holds. */
function flagOf(path: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new ConfigurationError(`-c ${path}`, [{ path, message: `must be true or false; got ${value}` }]);
}
