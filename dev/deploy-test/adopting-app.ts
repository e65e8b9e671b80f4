/** The CDK app of the last deployment: a new stack that takes up what the deleted one left (`-c adopt=file`). */
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import type { AdoptProps } from '../../lib/adopt.ts';
import { readConfigurationFile } from '../../lib/configuration-file.ts';
import { GrantkeeperStack } from '../../lib/grantkeeper-stack.ts';

const app = new App();
const contextOf = (key: string) => String(app.node.tryGetContext(key));
const adopt: AdoptProps = JSON.parse(readFileSync(contextOf('adopt'), 'utf8'));
new GrantkeeperStack(app, 'Grantkeeper', {
  config: await readConfigurationFile(contextOf('config')),
  adopt,
  retain: false,
  allowExecuteApiUrl: true,
});
app.synth();
