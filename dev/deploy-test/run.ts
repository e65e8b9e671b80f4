/**
 * `npm run test:deploy`: a real `cdk bootstrap` and `cdk deploy` of the synthesized app into an emulator of AWS on this
 * machine, then the story of a connection through the deployed HTTP API, schedule, queues and Lambdas. In its middle the
 * same stack is deployed again from a deployer's own app: with a configuration function, and with callers of one app only.
 *
 * Exit codes: 0 where every step held, 1 where one did not (the logs are kept, and their folder is printed).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SimulatorServer, serveSimulator } from '../simulator/http-server.ts';
import { administrationOf } from './administration.ts';
import { listenToAlerts } from './alert-listeners.ts';
import { doomedApp } from './alert-queues.ts';
import { type LimitedServices, tellOfCallers } from './callers-story.ts';
import { bootstrap, deploy } from './cdk.ts';
import { stopChildren } from './child.ts';
import { tellOfBudget, tellOfConfiguring } from './configure-story.ts';
import { tellOfConnecting } from './connect-story.ts';
import { Customer, returnTo } from './customer.ts';
import { DeployedApi } from './deployed-api.ts';
import { closeEmulatorGaps } from './emulator-gaps.ts';
import { tellTheEnd } from './ending-story.ts';
import { functionLogs } from './function-logs.ts';
import { refuseForeignEndpoint } from './guard.ts';
import type { IamOptions } from './iam.ts';
import { limitedUsers } from './limited-users.ts';
import { type MiniStack, startMiniStack } from './ministack.ts';
import { doomedClient, recordingSimulator, signInApp, signingApp, testApp } from './recording-simulator.ts';
import { createAccessKey, createServiceUser } from './service-user.ts';
import { makeLoginDue, tellOfScheduledLogin, tellOfSigning } from './signing-story.ts';
import { tellOfSpike } from './spike-story.ts';
import type { Story } from './story.ts';
import { tellOfSurvival } from './survival-story.ts';
import { readToken, rejectToken } from './working-token.ts';

const secretId = 'Grantkeeper/crm/client-secret';
const configuredApp = 'node dev/deploy-test/configured-app.ts';
const wholeWithinMs = 600_000;

const notChecked = `Not checked here, for the emulator drops or does not judge it: conditions on items (key, attribute) and KMS keys (encryption context, alias, via which
service), the table's TTL, point-in-time recovery and deletion protection, throttling, alarms. The tests of the template assert them (npm test, test/lib).
Nor what takes too long: the end of a superseded grant's grace, and a failed configuration's next try and dead-letter queue, half an hour apart.`;

const closers: (() => Promise<void>)[] = [];
try {
  refuseForeignEndpoint(process.env);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
const directory = mkdtempSync(join(tmpdir(), 'grantkeeper-deploy-test-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(`Stopped by ${signal}.`));
setTimeout(() => void end(`Took longer than ${wholeWithinMs / 1000} s.`), wholeWithinMs).unref();
try {
  await run();
  await end();
} catch (error) {
  await end(error instanceof Error ? error.message : String(error));
}

async function run(): Promise<void> {
  const emulator = await step('MiniStack serves, with signatures and policies enforced', () =>
    startMiniStack({ directory, enforced: true }),
  );
  // Its origin goes into the configuration, the callback URL that it must know comes out of the deployment.
  let salesforce = await serveSimulator((origin) => recordingSimulator(origin, []), { port: 0 });
  closers.push(() => salesforce.close());
  const config = {
    apps: {
      crm: { clientId: testApp.clientId, loginUrl: salesforce.url, returnTo: [returnTo] },
      'crm-login': {
        ...signInApp,
        clientAuthentication: 'none',
        purpose: 'sign_in',
        loginUrl: salesforce.url,
        returnTo: [returnTo],
      },
      [doomedApp]: {
        ...doomedClient,
        clientAuthentication: 'none',
        claim: false,
        loginUrl: salesforce.url,
        returnTo: [returnTo],
      },
      'crm-jwt': { ...signingApp, flow: 'jwt_bearer', loginUrl: salesforce.url },
    },
    salesforceOrigin: salesforce.url,
  } as const;
  await step('cdk bootstrap', () => bootstrap({ emulator, directory, config }));
  const deployment = await step(
    'cdk deploy --method=direct',
    () => deploy({ emulator, directory, config }),
    ({ apiUrl }) => apiUrl,
  );
  salesforce = await knowing(salesforce, deployment.callbackUrl);
  const story = await storyOf(emulator, salesforce, deployment);
  const connectionId = await tellOfConnecting(story);
  const signed = await tellOfSigning(story, { emulator, directory });
  await step(
    'cdk deploy of another app and configuration: the same stack, a configuration function, limited users',
    () => deploy({ emulator, directory, config: changedConfig(config), app: configuredApp }),
  );
  await step('the secret and the connection outlived it: read, reject, refresh', async () => {
    await rejectToken(story.api, connectionId, await readToken(story.api, connectionId));
  });
  await tellOfBudget(story, connectionId);
  await tellOfConfiguring(story, connectionId);
  await tellOfCallers(story, await limitedServices(iamOf(emulator)), connectionId);
  const { endpoint, certificate } = iamOf(emulator);
  const listeners = await listenToAlerts({ endpoint, certificate, topicArn: deployment.alertTopicArn });
  closers.push(() => listeners.close());
  await tellOfSpike(story, listeners);
  const refreshes = await makeLoginDue(story, signed);
  await tellTheEnd(story, connectionId);
  await tellOfScheduledLogin(story, signed, refreshes);
  await tellOfSurvival(story, { emulator, directory, config, certificate }, connectionId);
  console.log(notChecked);
}

/** One grant less than a reauthorization needs, while the grant before has its grace. */
function changedConfig(config: { readonly apps: { readonly crm: { readonly clientId: string } } }) {
  return { ...config, apps: { ...config.apps, crm: { ...config.apps.crm, grantLimit: 2 } } };
}

async function limitedServices(options: IamOptions): Promise<LimitedServices> {
  const [crm, login] = await Promise.all([
    createAccessKey(options, limitedUsers.crm),
    createAccessKey(options, limitedUsers.login),
  ]);
  return { crm, login };
}

function iamOf({ endpoint, certificateFile }: MiniStack): IamOptions {
  return { endpoint, certificate: readFileSync(certificateFile ?? '', 'utf8') };
}

async function knowing(before: SimulatorServer, callbackUrl: string): Promise<SimulatorServer> {
  const port = Number(new URL(before.url).port);
  await before.close();
  return serveSimulator((origin) => recordingSimulator(origin, [callbackUrl]), { port });
}

async function storyOf(
  { endpoint, certificateFile }: MiniStack,
  { simulator }: SimulatorServer,
  { apiUrl, tableName }: { apiUrl: string; tableName: string },
): Promise<Story> {
  const certificate = readFileSync(certificateFile ?? '', 'utf8');
  await step(
    'policies that the emulator cannot judge are repeated as it can',
    () => closeEmulatorGaps({ endpoint, certificate }, secretId),
    (count) => `${count} statements (KMS encryption context and aliases, the ARN of the secret, batches to SQS)`,
  );
  const credentials = await createServiceUser({ endpoint, certificate }, 'service', apiUrl);
  const stranger = await createServiceUser({ endpoint, certificate }, 'stranger');
  const administration = administrationOf({ endpoint, certificate, tableName });
  closers.push(async () => {
    administration.close();
    writeFileSync(join(directory, 'functions.log'), await functionLogs({ endpoint, certificate }));
  });
  const recording = simulator as ReturnType<typeof recordingSimulator>;
  const api = new DeployedApi({ url: apiUrl, certificate, credentials });
  return {
    api,
    customer: new Customer(api, recording),
    administration,
    simulator: recording,
    stranger,
    secretId,
    logs: () => functionLogs({ endpoint, certificate }),
    step,
  };
}

async function step<T>(title: string, act: () => Promise<T>, say: (result: T) => string = () => ''): Promise<T> {
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`.padStart(8);
  try {
    const result = await act();
    const said = say(result);
    console.log(`ok   ${seconds()}  ${title}${said === '' ? '' : `: ${said}`}`);
    return result;
  } catch (error) {
    console.log(`FAIL ${seconds()}  ${title}`);
    throw error;
  }
}

/** Ends everything that was started, once, and the process with it. */
async function end(failure?: string): Promise<void> {
  const open = closers.splice(0).reverse();
  for (const close of open) {
    await close().catch((error: unknown) => console.error(`On closing: ${String(error)}`));
  }
  await stopChildren();
  if (failure === undefined) {
    rmSync(directory, { recursive: true, force: true });
    console.log('The deployed stack holds.');
  } else {
    console.error(`\n${failure}\n\nLogs: ${directory}`);
  }
  process.exit(failure === undefined ? 0 : 1);
}
