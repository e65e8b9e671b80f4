/**
 * The last chapter: the stack is deleted, what must survive does, and a new stack takes it up: the same connection is read
 * and refreshed through another API, by other Lambdas, with the keys, the secret and the table of before.
 *
 * Not told: a deployment that takes nothing up. AWS refuses the secrets' names; the emulator takes them for its own.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AdoptProps } from '../../lib/adopt.ts';
import { administrationOf } from './administration.ts';
import { type CdkOptions, type Deployment, deploy, destroy } from './cdk.ts';
import { DeployedApi } from './deployed-api.ts';
import { closeEmulatorGaps } from './emulator-gaps.ts';
import { limitedUsers } from './limited-users.ts';
import { createServiceUser, deleteAccessKeys } from './service-user.ts';
import type { Story } from './story.ts';
import { readToken, rejectToken } from './working-token.ts';

export interface SurvivalOptions extends Omit<CdkOptions, 'app' | 'context'> {
  /** PEM of the certificate to trust. */
  readonly certificate: string;
}

const adoptingApp = 'node dev/deploy-test/adopting-app.ts';

export async function tellOfSurvival(story: Story, options: SurvivalOptions, connectionId: string): Promise<void> {
  const { step } = story;
  const iam = { endpoint: options.emulator.endpoint, certificate: options.certificate };
  for (const user of Object.values(limitedUsers)) await deleteAccessKeys(iam, user);
  const before = await step('cdk deploy, with everything retained as by default', () =>
    deploy({ ...options, retain: true }),
  );
  await step('cdk destroy: the API is gone, table, keys, lifeboat and secrets are not', async () => {
    await destroy(options);
    await assertLeft(story, before, connectionId);
  });
  const after = await step('cdk deploy of a new stack that takes them up', async () =>
    deploy({ ...options, app: adoptingApp, context: { adopt: await adoptFile(options, before) } }),
  );
  await step('the connection goes on: read, reject, refresh, without any authorization', async () => {
    assert.notEqual(after.apiUrl, before.apiUrl);
    assert.equal(after.tableName, before.tableName);
    const api = await apiOf(story, options, after);
    await rejectToken(api, connectionId, await readToken(api, connectionId));
  });
}

async function assertLeft({ administration, api }: Story, { adopt }: Deployment, connectionId: string): Promise<void> {
  await administration.item({ pk: `C#${connectionId}`, sk: 'C' });
  const { storageKeyArn = '', dataKeyArn = '', lifeboatBucketName = '' } = adopt;
  for (const key of [storageKeyArn, dataKeyArn]) assert.equal(await administration.stateOfKey(key), 'Enabled');
  await administration.emptyBucket(lifeboatBucketName);
  assert.ok((await administration.secretNames()).includes('Grantkeeper/crm/client-secret'));
  assert.notEqual((await api.asService('GET', '/connections?app=crm')).status, 200);
}

/** The emulator answers a reference to a secret with its name, where AWS has its ARN. */
async function adoptFile(
  { directory, ...options }: SurvivalOptions,
  { adopt, tableName }: Deployment,
): Promise<string> {
  const { endpoint } = options.emulator;
  const administration = administrationOf({ endpoint, certificate: options.certificate, tableName });
  try {
    const names = Object.entries(adopt.clientSecretArns ?? {});
    const arns = await Promise.all(
      names.map(async ([app]) => [app, await administration.secretArn(`Grantkeeper/${app}/client-secret`)] as const),
    );
    const whole: AdoptProps = { ...adopt, clientSecretArns: Object.fromEntries(arns) };
    const file = join(directory, 'adopt.json');
    writeFileSync(file, JSON.stringify(whole));
    return file;
  } finally {
    administration.close();
  }
}

async function apiOf({ secretId }: Story, { emulator, certificate }: SurvivalOptions, { apiUrl }: Deployment) {
  const iam = { endpoint: emulator.endpoint, certificate };
  await closeEmulatorGaps(iam, secretId);
  const credentials = await createServiceUser(iam, 'service-after', apiUrl);
  return new DeployedApi({ url: apiUrl, certificate, credentials });
}
