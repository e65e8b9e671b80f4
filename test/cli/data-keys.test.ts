/** The command as npx runs it, on an engine on loopback; what it comes to is tested in test/flows/data-keys.test.ts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { createDataKeyRecords } from '../../functions/adapters/dynamodb/data-key-records.ts';
import { createDynamoStore } from '../../functions/adapters/dynamodb/store.ts';
import { aConnection, aGrant, orgId } from '../contract/items.ts';
import { playedAws } from '../functions/adapters/played-aws.ts';
import { createTable, type Dynalite, startDynalite } from '../support/dynalite.ts';

const root = join(import.meta.dirname, '../..');
const org = orgId(1);

describe('npx grantkeeper data-keys', () => {
  let engine: Dynalite;
  before(async () => {
    engine = await startDynalite();
    await createTable(engine.client, 'grants');
    const store = createDynamoStore({ client: engine.client, tableName: 'grants' });
    for (const purpose of ['access', 'refresh'] as const) {
      await store.putDataKeyIfAbsent({ orgId: org, purpose, id: `first-${purpose}`, wrapped: 'd3JhcHBlZA==' });
    }
    await store.connections.create(aConnection(1, { org: 1 }, { grant: aGrant('g1') }));
  });
  after(() => engine.close());

  async function run(args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [join(root, 'cli/grantkeeper.mjs'), 'data-keys', ...args], {
      env: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: engine.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...env,
      },
      timeout: 15_000,
    });
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { stdout, stderr, status };
  }

  const place = ['--table', 'grants', '--org', org];

  it('shows, rotates with a new key of KMS, and forgets', async (test) => {
    const shown = await run(['show', ...place]);
    assert.deepEqual([shown.status, shown.stderr], [0, '']);
    assert.match(shown.stdout, /: 1 connection\.\n {2}access key first-access, in use: 0 tokens\n/);

    const { config, calls } = await playedAws(test, () => ({
      body: { Plaintext: Buffer.alloc(32).toString('base64'), CiphertextBlob: 'bmV3', KeyId: 'k' },
    }));
    const rotated = await run(['rotate', ...place, '--kms-key', 'arn:aws:kms:us-east-1:000000000000:key/k'], {
      AWS_ENDPOINT_URL_KMS: String(config.endpoint),
    });
    assert.deepEqual([rotated.status, rotated.stderr], [0, '']);
    assert.deepEqual(
      calls.map(({ action, body }) => [action, body.EncryptionContext]),
      ['access', 'refresh'].map((purpose) => ['TrentService.GenerateDataKey', { purpose, scope: org }]),
    );
    const keys = await createDataKeyRecords(engine.client, 'grants').of(org);
    assert.deepEqual(
      keys.map(({ wrapped, retiredAt }) => [wrapped, retiredAt === undefined]),
      [
        ['bmV3', true],
        ['bmV3', true],
        ['d3JhcHBlZA==', false],
        ['d3JhcHBlZA==', false],
      ],
    );

    const pruned = await run(['prune', ...place]);
    assert.equal(pruned.status, 1, 'followed a moment ago');
    const forgotten = await run(['forget', ...place, '--yes']);
    assert.equal(forgotten.status, 0);
    assert.match(forgotten.stdout, /is forgotten: 1 connection holds no token any more, 4 data keys deleted\.\n/);
    assert.equal((await run(['show', ...place])).stdout.split('\n')[0], `Org ${org}: 1 connection.`);
  });

  it('says in a line what is wrong', async () => {
    const other = ['--table', 'grants', '--org', orgId(2)];
    const { status, stderr, stdout } = await run(['rotate', ...other, '--kms-key', 'k']);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^Org \w+ has no data keys; they are made by its first refresh\. There is nothing to do\.\n$/);
    const nowhere = await run(['show', '--table', 'nowhere', '--org', org]);
    assert.equal(nowhere.status, 1);
    assert.match(nowhere.stderr, /ResourceNotFoundException/);
  });
});
