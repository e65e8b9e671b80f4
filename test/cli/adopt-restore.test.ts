/** The command as npx runs it, on an engine on loopback; what it decides is tested in test/flows/restore.test.ts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { createDynamoStore } from '../../functions/adapters/dynamodb/store.ts';
import { createTableRecords } from '../../functions/adapters/dynamodb/table-records.ts';
import { type DescribedTable, identityOf } from '../../functions/core/table-identity.ts';
import { aConnection, aGrant } from '../contract/items.ts';
import { createTable, type Dynalite, startDynalite } from '../support/dynalite.ts';

const root = join(import.meta.dirname, '../..');
const gone: DescribedTable = { tableId: 'gone', tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/gone' };
/** More than a page of a scan holds, 1 MB. */
const connections = 24;
/** Long past, by the clock of the command. */
const then = Date.parse('2026-01-01T00:00:00Z');
const scopes = ['x'.repeat(50_000)];

describe('npx grantkeeper adopt-restore', () => {
  let engine: Dynalite;
  before(async () => {
    engine = await startDynalite();
  });
  after(() => engine.close());

  async function adopt(...args: string[]) {
    const child = spawn(process.execPath, [join(root, 'cli/grantkeeper.mjs'), 'adopt-restore', ...args], {
      env: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: engine.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      timeout: 15_000,
    });
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { stdout, stderr, status };
  }

  it('adopts a table of several pages, connection by connection, and has nothing to do the second time', async () => {
    await createTable(engine.client, 'copy');
    const store = createDynamoStore({ client: engine.client, tableName: 'copy' });
    for (let n = 1; n <= connections; n += 1) {
      const grant = aGrant(`g${n}`, {
        scopes,
        refreshAfter: then,
        refreshedAt: then - 1,
        rotates: n % 2 === 0,
        refreshes: 4,
      });
      await store.connections.create(aConnection(n, {}, { grant }));
    }
    const records = createTableRecords(engine.client, 'copy');
    await records.create(identityOf(gone, then, 'w'));
    const told = ['--table', 'copy', '--restored-to', new Date(then).toISOString()];
    const first = await adopt(...told);
    assert.equal(first.stderr, '');
    assert.equal(first.status, 0);
    assert.match(
      first.stdout,
      new RegExp(`^ {2}${connections / 2} were due since.*\\n.*\\n {2}${connections / 2} do not`, 'm'),
    );
    assert.equal((await records.read())?.tableId, (await records.describe())?.tableId);
    assert.equal((await records.read())?.adoptedFrom, 'gone');
    const second = await adopt(...told);
    assert.equal(second.stdout, 'copy holds its own items; there is nothing to adopt.\n');
  });

  it('says in a line what is wrong', async () => {
    await createTable(engine.client, 'other');
    await createTable(engine.client, 'unrelated');
    await createTableRecords(engine.client, 'other').create(identityOf(gone, then, 'w'));
    for (const [args, message] of [
      [['--table', 'nowhere'], 'There is no table nowhere here, or it is being made.\n'],
      [['--table', 'other'], /^gone is not there\. Say to which moment .*\n$/],
      [['--table', 'other', '--original', 'nothing'], /^nothing is not there\. Leave --original out .*\n$/],
      [
        ['--table', 'other', '--original', 'unrelated'],
        /^unrelated \(.*\) is not the table that the items are of \(gone\)\..*\n$/,
      ],
      [['--table', 'other', '--restored-to', '2999-01-01T00:00:00Z'], /^--restored-to 2999.* lies ahead\.\n$/],
    ] as const) {
      const { status, stderr, stdout } = await adopt(...args);
      assert.deepEqual([status, stdout], [1, '']);
      if (typeof message === 'string') assert.equal(stderr, message);
      else assert.match(stderr, message);
    }
  });
});
