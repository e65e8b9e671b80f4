/** The store contract on compare-and-set: connections, sessions and integrations. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../functions/core/connection.ts';
import { generationOf } from '../../functions/core/grant.ts';
import type { Session } from '../../functions/core/session.ts';
import {
  aConnection,
  aGrant,
  anApp,
  anIncident,
  anIntegration,
  aSession,
  dutiesDueAt,
  next,
  noon,
  orgId,
  userId,
} from './items.ts';
import type { MakeStore } from './store-contract.ts';

const concurrentWriters = 200;

/** All that a session gains on its way to the claim of a sign-in. */
const ofAClaimedSignIn: Partial<Session> = {
  status: 'signed_in',
  binding: { cookieSha256: 'c', stateSha256: 's', verifierSalt: 'v', claimSha256: 'l' },
  claim: true,
  claimedAt: noon,
  ledgerId: 'crm/acme/sync',
  identity: {
    orgId: orgId(1),
    userId: userId(1),
    username: 'ada@acme.example',
    displayName: 'Ada',
    email: 'a@b.example',
  },
};

export function collectionContract(makeStore: MakeStore): void {
  describe('compare-and-set', () => {
    it('reads back each kind of item exactly as it was created', async () => {
      const store = await makeStore();
      const connection = aConnection(1, {}, { duties: dutiesDueAt(noon), nextRefreshAt: noon, username: 'Zoë' });
      const session = aSession(1, { duties: dutiesDueAt(noon), configuration: '{"a":1}', ...ofAClaimedSignIn });
      const integration = anIntegration('acme', 'sync', { status: 'configured', configuredAt: noon });
      const probe = { attempt: 'a', until: noon };
      const lastFailure = { at: noon, error: 'invalid_client', description: '' };
      const app = anApp('crm', { failures: 2, openedAt: noon, openUntil: noon, probe, lastFailure, closedAt: noon });
      const finding = { evidence: ['one'], connectionIds: [connection.id], counts: { connections: 1 } };
      const incident = anIncident({ openedAt: noon, quietSince: noon, finding, duties: dutiesDueAt(noon) });

      assert.equal(await store.apps.create(app), 'written');
      assert.equal(await store.incidents.create(incident), 'written');
      assert.equal(await store.connections.create(connection), 'written');
      assert.equal(await store.sessions.create(session), 'written');
      assert.equal(await store.integrations.create(integration), 'written');

      assert.deepEqual(await store.connections.read(connection.id), connection);
      assert.deepEqual(await store.sessions.read(session.id), session);
      assert.deepEqual(await store.integrations.read({ tenant: 'acme', integration: 'sync' }), integration);
      assert.deepEqual(await store.apps.read('crm'), app);
      assert.deepEqual(await store.incidents.read('refresh_backlog'), incident);
    });

    it('closes an app and resolves an incident: what they no longer have is gone', async () => {
      const { apps, incidents } = await makeStore();
      const app = anApp('crm', { openedAt: noon, openUntil: noon, probe: { attempt: 'a', until: noon } });
      const incident = anIncident({ openedAt: noon, quietSince: noon });
      await apps.create(app);
      await incidents.create(incident);

      const closed = next(app, { openedAt: undefined, openUntil: undefined, probe: undefined });
      assert.equal(await apps.replace(app, closed), 'written');
      const resolved = next(incident, { openedAt: undefined, quietSince: undefined });
      assert.equal(await incidents.replace(incident, resolved), 'written');

      assert.deepEqual(await apps.read('crm'), definedOf(closed));
      assert.deepEqual(await incidents.read('refresh_backlog'), definedOf(resolved));
      assert.equal(await apps.replace(app, closed), 'conflict');
    });

    it('reconfigures an integration and takes a session anew: what they no longer have is gone', async () => {
      const { integrations, sessions } = await makeStore();
      const configured = anIntegration('acme', 'sync', { status: 'configured', configuredAt: noon, reason: 'none' });
      const signedIn = aSession(1, ofAClaimedSignIn);
      await integrations.create(configured);
      await sessions.create(signedIn);

      const linked = next(configured, { status: 'linked', configuredAt: undefined, reason: undefined });
      assert.equal(await integrations.replace(configured, linked), 'written');
      const bare = next(aSession(1), { status: 'failed' });
      assert.equal(await sessions.replace(signedIn, bare), 'written');

      const { tenant, integration } = configured;
      assert.deepEqual(await integrations.read({ tenant, integration }), definedOf(linked));
      assert.deepEqual(await sessions.read(signedIn.id), bare);
    });

    it('answers undefined for an item that is not there', async () => {
      const store = await makeStore();
      assert.equal(await store.connections.read(aConnection(1).id), undefined);
      assert.equal(await store.sessions.read(aSession(1).id), undefined);
      assert.equal(await store.integrations.read({ tenant: 'acme', integration: 'sync' }), undefined);
      assert.equal(await store.apps.read('crm'), undefined);
      assert.equal(await store.incidents.read('refresh_backlog'), undefined);
      assert.equal(await store.watches.read('crm.fleet_revocation'), undefined);
    });

    it('refuses to create what is there already, and leaves it as it is', async () => {
      const store = await makeStore();
      const first = aConnection(1, {}, { writeId: 'first' });
      await store.connections.create(first);

      assert.equal(await store.connections.create(aConnection(1, {}, { writeId: 'second' })), 'conflict');

      assert.deepEqual(await store.connections.read(first.id), first);
    });

    it('keeps integrations apart whose labels join to the same text', async () => {
      const store = await makeStore();
      assert.equal(await store.integrations.create(anIntegration('a', 'b.c')), 'written');
      assert.equal(await store.integrations.create(anIntegration('a.b', 'c')), 'written');
      assert.equal((await store.integrations.read({ tenant: 'a', integration: 'b.c' }))?.tenant, 'a');
    });

    it('replaces at the revision that was read, and keeps the id of that write', async () => {
      const store = await makeStore();
      const { connections } = store;
      const created = aConnection(1);
      await connections.create(created);
      const replaced = next(created, { status: 'disconnected', grant: undefined, writeId: 'disconnect-1' });

      assert.equal(await connections.replace(created, replaced), 'written');

      const { grant: _gone, ...expected } = replaced;
      assert.deepEqual(await connections.read(created.id), expected);
    });

    it('refuses a replacement of a revision that has passed, and changes nothing', async () => {
      const { connections } = await makeStore();
      const first = aConnection(1);
      const second = next(first, { cause: 'won' });
      await connections.create(first);
      await connections.replace(first, second);

      assert.equal(await connections.replace(first, next(first, { cause: 'lost' })), 'conflict');

      assert.deepEqual(await connections.read(first.id), second);
    });

    it('refuses a replacement of an item that is not there, and does not make it', async () => {
      const { sessions } = await makeStore();
      const session = aSession(1);
      assert.equal(await sessions.replace(session, next(session)), 'conflict');
      assert.equal(await sessions.read(session.id), undefined);
    });

    it('shows a writer whose answer was lost its own write id', async () => {
      const { connections } = await makeStore();
      const created = aConnection(1);
      const claimed = next(created, { writeId: 'attempt-7.claim' });
      await connections.create(created);
      await connections.replace(created, claimed);

      assert.equal(await connections.replace(created, claimed), 'conflict', 'the retry of the same write');

      assert.equal((await connections.read(created.id))?.writeId, 'attempt-7.claim');
    });

    it(`lets exactly one of ${concurrentWriters} concurrent writers win each revision`, async () => {
      const { connections } = await makeStore();
      let current = aConnection(1);
      await connections.create(current);
      for (let round = 0; round < 2; round += 1) {
        const seen = current;
        const rivals = Array.from({ length: concurrentWriters }, (_, writer) =>
          next(seen, { writeId: `round-${round}-writer-${writer}` }),
        );
        const outcomes = await Promise.all(rivals.map((rival) => connections.replace(seen, rival)));

        const winners = rivals.filter((_, writer) => outcomes[writer] === 'written');
        assert.equal(winners.length, 1);
        current = winners[0]!;
        assert.deepEqual(await connections.read(seen.id), current);
      }
    });

    it('lets exactly one of many concurrent creators win', async () => {
      const { sessions } = await makeStore();
      const rivals = Array.from({ length: 50 }, (_, writer) => aSession(1, { writeId: `creator-${writer}` }));
      const outcomes = await Promise.all(rivals.map((rival) => sessions.create(rival)));
      const winners = rivals.filter((_, writer) => outcomes[writer] === 'written');
      assert.deepEqual(winners, [await sessions.read(rivals[0]!.id)]);
    });

    it('reads strongly: each read after a write sees it', async () => {
      const { connections } = await makeStore();
      let current = aConnection(1);
      await connections.create(current);
      for (let write = 0; write < 20; write += 1) {
        const following = next(current, { grant: aGrant('grant-1', { refreshes: write + 1 }) });
        await connections.replace(current, following);
        current = (await connections.read(current.id))!;
        assert.deepEqual(generationOf(current.grant!), { grantId: 'grant-1', refreshes: write + 1 });
      }
    });

    it('removes attributes that become undefined, and those that are left out', async () => {
      const { connections } = await makeStore();
      const full = aConnection(1, {}, { cause: 'busy', username: 'u', nextRefreshAt: noon, disconnectedAt: noon });
      await connections.create(full);
      const { username: _username, ...without } = next(full, { cause: undefined, nextRefreshAt: undefined });

      assert.equal(await connections.replace(full, without), 'written');

      const stored = await connections.read(full.id);
      assert.deepEqual(Object.keys(stored ?? {}).sort(), Object.keys(definedOf(without)).sort());
      assert.equal(stored?.disconnectedAt, noon);
    });

    it('drops undefined members of nested objects and keeps the others', async () => {
      const { connections } = await makeStore();
      const grant = aGrant('grant-1', { lease: undefined, refreshToken: undefined, attempts: [] });
      await connections.create(aConnection(1, {}, { grant }));
      const stored = (await connections.read(aConnection(1).id))?.grant;
      assert.deepEqual(stored, definedOf(grant));
      assert.equal(Object.hasOwn(stored ?? {}, 'lease'), false);
    });

    it('leaves an attribute of another release as it is, though this one writes the item without it', async () => {
      const { connections } = await makeStore();
      const written = { ...aConnection(1), ofAnotherRelease: { kept: [1, 'two'] } };
      await connections.create(written);
      const { ofAnotherRelease: _unknown, ...known } = written;

      assert.equal(await connections.replace(known, next(known, { cause: 'changed' })), 'written');

      const stored = (await connections.read(written.id)) as (Connection & { ofAnotherRelease?: unknown }) | undefined;
      assert.deepEqual(stored?.ofAnotherRelease, { kept: [1, 'two'] });
      assert.equal(stored?.cause, 'changed');
    });

    it('keeps unknown members of a nested object through a read and a write', async () => {
      const { connections } = await makeStore();
      const grant = { ...aGrant('grant-1'), ofAnotherRelease: true };
      await connections.create(aConnection(1, {}, { grant }));
      const read = (await connections.read(aConnection(1).id))!;

      await connections.replace(read, next(read, { grant: { ...read.grant!, refreshes: 1 } }));

      assert.deepEqual((await connections.read(read.id))?.grant, { ...grant, refreshes: 1 });
    });

    it('is not changed through an object that was written or read', async () => {
      const { connections } = await makeStore();
      const grant = aGrant('grant-1', { scopes: ['api'] });
      await connections.create(aConnection(1, {}, { grant }));
      (grant.scopes as string[]).push('full');
      const read = (await connections.read(aConnection(1).id))!;
      (read.grant!.scopes as string[]).push('web');
      assert.deepEqual((await connections.read(read.id))?.grant?.scopes, ['api']);
    });
  });
}

function definedOf<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
}
