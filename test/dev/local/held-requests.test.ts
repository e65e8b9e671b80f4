/**
 * What the held store believes of the adapter's requests, against what the adapter asks an engine for: action, kind of item
 * and attributes. A request that it does not know of would be refused in AWS, and nowhere before.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { heldStore } from '../../../dev/local/held-store.ts';
import type { Store } from '../../../functions/core/ports.ts';
import { kindPrefixes } from '../../../lib/table-rights.ts';
import {
  aConnection,
  aGrant,
  aLedger,
  anApp,
  anIncident,
  anIntegration,
  aSession,
  aWatch,
  next,
  noon,
  orgId,
} from '../../contract/items.ts';
import { startTestStore, type TestStore } from '../../support/dynalite.ts';

let engine: TestStore;
let asked: string[] = [];
let believed: string[] = [];
before(async () => {
  engine = await startTestStore();
  engine.client.middlewareStack.add(
    (following, { commandName }) =>
      async (all) => {
        asked.push(...requestsOf(String(commandName).replace('Command', ''), all.input as Input));
        return following(all);
      },
    { step: 'initialize' },
  );
});
after(() => engine.close());
beforeEach(() => {
  asked = [];
  believed = [];
});

type Fields = Readonly<Record<string, unknown>>;
interface Input {
  readonly IndexName?: string;
  readonly Key?: Fields;
  readonly Item?: Fields;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Fields;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys: readonly Fields[] }>>;
}

/** As IAM sees it; queries of an index are another resource. */
function requestsOf(action: string, input: Input): string[] {
  if (input.IndexName !== undefined) return [];
  const keys = Object.values(input.RequestItems ?? {}).flatMap(({ Keys }) => Keys);
  if (keys.length > 0) return [...new Set(keys.map((key) => line(action, kindOf(key.pk))))];
  const pk =
    (input.Key ?? input.Item)?.pk ??
    Object.values(input.ExpressionAttributeValues ?? {})
      .map(textOf)
      .find((text) => text.includes('#'));
  const named = [
    ...Object.keys(input.Key ?? {}),
    ...Object.keys(input.Item ?? {}),
    ...Object.values(input.ExpressionAttributeNames ?? {}),
  ];
  return [line(action, kindOf(pk), named)];
}

const textOf = (value: unknown): string =>
  typeof value === 'object' ? String((value as { S?: string }).S) : String(value);

function kindOf(pk: unknown): string {
  const [kind] = Object.entries(kindPrefixes).find(([, prefix]) => textOf(pk).startsWith(prefix)) ?? [`${textOf(pk)}?`];
  return kind;
}

const writes = ['PutItem', 'UpdateItem'];

function line(action: string, kind: string, attributes: readonly string[] = []): string {
  const named = writes.includes(action) ? [...new Set(attributes)].toSorted().join(',') : '';
  return `${action} of ${kind} ${named}`.trim();
}

/** Of a role that may do nothing of it, each check is told. */
const held = (): Store =>
  heldStore(engine.store, 'schedule-refreshes', (what) => {
    const [, action = '', kind = '', named] = /may not (\w+) of ([a-z ]+?)(?: with (.*))?$/.exec(what) ?? [];
    believed.push(line(action, kind, named?.split(', ')));
  });

/** Whether a policy that names what is believed would let pass what is asked: derived attributes of a new item aside. */
function agree(): void {
  assert.ok(asked.length > 0, 'nothing was asked');
  for (const request of asked) {
    const [start = '', named = ''] = splitAt(request);
    const known = believed.filter((one) => splitAt(one)[0] === start);
    assert.ok(known.length > 0, `${request}: believed was ${believed}`);
    if (!request.startsWith('UpdateItem')) continue;
    const attributes = known.flatMap((one) => (splitAt(one)[1] ?? '').split(','));
    // None is named at all where no right goes by attributes.
    if (attributes.every((one) => one === '')) continue;
    assert.deepEqual(
      named.split(',').filter((one) => !attributes.includes(one)),
      [],
      request,
    );
  }
}

function splitAt(request: string): string[] {
  const [, start = request, named = ''] = /^(\w+ of [a-z ]*[a-z])(?: ([\w,]+,[\w,]+))?$/.exec(request) ?? [];
  return [start, named];
}

const use = { tenant: 'acme', integration: 'sync' };

describe('the requests of the adapter are those that roles are held to', () => {
  const connection = aConnection(1);
  const acts: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
    'a connection is made': (store) => store.connections.create(connection),
    'and changed, all that may change': async (store) => {
      const after = next(connection, {
        status: 'disconnected',
        cause: 'x',
        grant: aGrant('grant-2'),
        nextRefreshAt: noon,
        failingSince: noon,
        disconnectedAt: noon,
        rejections: { left: 1, at: noon },
      });
      assert.equal(await store.connections.replace(connection, after), 'written');
      assert.equal(await store.connections.replace(connection, after), 'conflict');
    },
    'and read': (store) => store.connections.read(connection.id),
    sessions: async (store) => {
      const session = aSession(1);
      await store.sessions.create(session);
      await store.sessions.replace(session, next(session, { status: 'exchanging' }));
      await store.sessions.read(session.id);
    },
    integrations: async (store) => {
      const integration = anIntegration('acme', 'sync');
      await store.integrations.create(integration);
      await store.integrations.replace(integration, next(integration, { reason: 'x' }));
      await store.integrations.read(use);
    },
    'ledgers, apps, incidents and watches': async (store) => {
      await store.ledgers.create(aLedger('l'));
      await store.ledgers.read('l');
      await store.apps.create(anApp('crm'));
      await store.apps.read('crm');
      await store.incidents.create(anIncident());
      await store.watches.create(aWatch(1, noon));
    },
    uses: async (store) => {
      await store.addUse(connection.id, use);
      await store.usesOf(connection.id, 10, 'acme');
      await store.removeUse(connection.id, use);
    },
    usernames: async (store) => {
      await store.rememberUsername('crm', 'ada@acme.example', connection.id);
      await store.connectionOfUsername('crm', 'ada@acme.example');
    },
    'waiting readers': async (store) => {
      await store.noteReader(orgId(1), 1, { kind: 'entered' });
      await store.readersOf(orgId(1), 1);
    },
    'data keys, also where one is there': async (store) => {
      const key = { orgId: orgId(1), purpose: 'access', id: 'k', wrapped: 'w' } as const;
      await store.putDataKeyIfAbsent(key);
      await store.putDataKeyIfAbsent({ ...key, id: 'other' });
    },
    'a data key that a seal names': (store) => store.readDataKey(orgId(1), 'access', 'k'),
    'a list, and the watches of an app': async (store) => {
      await store.connections.create(aConnection(7));
      await store.listConnections({ app: 'crm' }, 10);
      await store.recentWatches('crm', 0, 10);
    },
  };

  for (const [what, act] of Object.entries(acts)) {
    it(what, async () => {
      await act(held());
      agree();
    });
  }

  it('and one that is not known is noticed', async () => {
    await engine.store.removeUse(connection.id, use);
    assert.throws(agree, /DeleteItem of connection: believed was/);
  });
});
