/**
 * The CDK app of the second deployment: the stack that `bin/grantkeeper.ts` made, as a deployer goes on with it in an app
 * of his own. A configuration function joins it, services that are granted one app only, and queues that hear of alerts.
 */
import { join } from 'node:path';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { User } from 'aws-cdk-lib/aws-iam';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { GrantkeeperConfigInput } from '../../functions/core/config.ts';
import type { AlertFilter } from '../../lib/alert-subscriptions.ts';
import { packageRoot } from '../../lib/bundle.ts';
import { readConfigurationFile } from '../../lib/configuration-file.ts';
import { Grantkeeper } from '../../lib/grantkeeper.ts';
import { addOutputs } from '../../lib/outputs.ts';
import { alertQueues, doomedApp } from './alert-queues.ts';
import { limitedUsers } from './limited-users.ts';

class ConfiguredStack extends Stack {
  constructor(scope: Construct, id: string, config: GrantkeeperConfigInput) {
    super(scope, id);
    const configurationFunction = configurationFunctionIn(this);
    const spikes = new Queue(this, 'Spikes', { queueName: alertQueues.spikes });
    const filter: AlertFilter = {
      types: ['invalid_grant_spike', 'invalid_grant_spike_resolved'],
      apps: [doomedApp],
      severities: ['critical'],
    };
    const alerts = { queues: [spikes], filter };
    // The same id as in `GrantkeeperStack`: else table, keys and secrets would be made anew.
    const grantkeeper = new Grantkeeper(this, 'Grantkeeper', {
      config,
      retain: false,
      allowExecuteApiUrl: true,
      configurationFunction,
      alerts,
    });
    addOutputs(this, grantkeeper);
    const others = new Queue(this, 'Others', { queueName: alertQueues.others });
    const filterPolicy = { app: SubscriptionFilter.stringFilter({ allowlist: ['crm'] }) };
    grantkeeper.alertTopic.addSubscription(new SqsSubscription(others, { filterPolicy }));
    configurationFunction.addEnvironment('API_URL', grantkeeper.apiUrl);
    grantkeeper.grantRead(configurationFunction, 'crm');
    const crm = new User(this, 'CrmService', { userName: limitedUsers.crm });
    grantkeeper.grantRead(crm, 'crm');
    grantkeeper.grantConnect(crm, 'crm');
    const login = new User(this, 'LoginService', { userName: limitedUsers.login });
    grantkeeper.grantAdmin(login, 'crm-login');
  }
}

function configurationFunctionIn(scope: Construct): NodejsFunction {
  return new NodejsFunction(scope, 'Configuration', {
    description: "The deploy test's own configuration function",
    entry: join(import.meta.dirname, 'configuration-function.ts'),
    handler: 'handler',
    runtime: Runtime.NODEJS_24_X,
    logGroup: new LogGroup(scope, 'ConfigurationLogs', { removalPolicy: RemovalPolicy.DESTROY }),
    awsSdkConnectionReuse: false,
    projectRoot: packageRoot,
    depsLockFilePath: join(packageRoot, 'package-lock.json'),
    bundling: {
      format: OutputFormat.ESM,
      externalModules: [],
      banner: `import{createRequire}from'node:module';const require=createRequire(import.meta.url);`,
    },
  });
}

const app = new App();
new ConfiguredStack(app, 'Grantkeeper', await readConfigurationFile(String(app.node.tryGetContext('config'))));
app.synth();
