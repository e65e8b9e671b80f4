/**
 * `npm run test:deploy`: a real `cdk bootstrap` and `cdk deploy` of the synthesized app into an emulator of AWS on this
 * machine, then the story of a connection through the deployed HTTP API, schedule, queue and Lambdas.
 *
 * Exit codes: 0 where every step held, 1 where one did not (the logs are kept, and their folder is printed).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SimulatorServer, serveSimulator } from '../simulator/http-server.ts';
import { administrationOf } from './administration.ts';
import { bootstrap, deploy } from './cdk.ts';
import { stopChildren } from './child.ts';
import { DeployedApi } from './deployed-api.ts';
import { closeEmulatorGaps } from './emulator-gaps.ts';
import { functionLogs } from './function-logs.ts';
import { refuseForeignEndpoint } from './guard.ts';
import { type MiniStack, startMiniStack } from './ministack.ts';
import { recordingSimulator, testApp } from './recording-simulator.ts';
import { createServiceUser } from './service-user.ts';
import { type Story, tellAgain, tellStory } from './story.ts';

const secretId = 'Grantkeeper/crm/client-secret';
const wholeWithinMs = 600_000;

const notChecked = `Not checked here, for the emulator drops or does not judge it: conditions on KMS keys (encryption context, via which service),
the table's TTL, point-in-time recovery and deletion protection, throttling, alarms. The tests of the template assert them (npm test, test/lib).`;

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
    apps: { crm: { clientId: testApp.clientId, loginUrl: salesforce.url } },
    salesforceOrigin: salesforce.url,
  };
  await step('cdk bootstrap', () => bootstrap({ emulator, directory, config }));
  const deployment = await step(
    'cdk deploy --method=direct',
    () => deploy({ emulator, directory, config }),
    ({ apiUrl }) => apiUrl,
  );
  salesforce = await knowing(salesforce, deployment.callbackUrl);
  const story = await storyOf(emulator, salesforce, deployment);
  const connectionId = await tellStory(story);
  const changed = { ...config, thresholds: { apiBurst: 300 } };
  await step('cdk deploy of a changed configuration', () => deploy({ emulator, directory, config: changed }));
  await tellAgain(story, connectionId);
  console.log(notChecked);
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
    (count) => `${count} statements (KMS encryption context, the ARN of the secret, batches to SQS)`,
  );
  const credentials = await createServiceUser({ endpoint, certificate }, 'service', apiUrl);
  const stranger = await createServiceUser({ endpoint, certificate }, 'stranger');
  const administration = administrationOf({ endpoint, certificate, tableName });
  closers.push(async () => {
    administration.close();
    writeFileSync(join(directory, 'functions.log'), await functionLogs({ endpoint, certificate }));
  });
  return {
    api: new DeployedApi({ url: apiUrl, certificate, credentials }),
    administration,
    simulator: simulator as ReturnType<typeof recordingSimulator>,
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
