/** The store contract on what duties hold: each kind comes back whole, and is changed and removed as a whole. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  AlertDuty,
  CountDuty,
  Duty,
  LinkDuty,
  RevokeDuty,
  UnlinkDuty,
  WatchDuty,
} from '../../functions/core/duty.ts';
import { UnreadableItemError } from '../../functions/core/errors.ts';
import { aConnection, anAlertDuty, aSession, aWatch, next, noon } from './items.ts';
import type { MakeStore } from './store-contract.ts';

const owed = { since: noon, dueAt: noon + 1, tries: 0 };

const link: LinkDuty = {
  kind: 'link',
  sessionId: 'session-1',
  tenant: 'acme',
  integration: 'sync',
  claim: true,
  grant: {
    id: 'grant-1',
    begunAt: noon - 2,
    authorizedAt: noon - 1,
    outcome: 'stored',
    fingerprint: '0123456789abcdef',
    ledgerId: 'crm/acme/sync',
  },
  ...owed,
};
const share: LinkDuty = {
  kind: 'link',
  sessionId: 'request-1',
  tenant: 'acme',
  integration: 'sync',
  configuration: '{"a":1}',
  ...owed,
};
const unlink: UnlinkDuty = { kind: 'unlink', tenant: 'acme', integration: 'sync', ...owed };
const revoke: RevokeDuty = {
  kind: 'revoke',
  grantId: 'grant-0',
  refreshes: 3,
  token: 'sealed',
  tokenPurpose: 'refresh',
  ownKeys: { session: 's', access: 'a', refresh: 'r' },
  loginUrl: 'https://login.salesforce.com',
  lease: { attempt: 'attempt-1', until: noon + 75_000 },
  attempts: [{ id: 'attempt-1', begunAt: noon, refreshes: 3 }],
  reason: 'superseded',
  ...owed,
};
const count: CountDuty = { kind: 'count', ...owed };
const look: WatchDuty = { kind: 'watch', ...owed };
const recovered: AlertDuty = { ...anAlertDuty(noon), type: 'connection_recovered', absorbedBy: 'incident-1' };
const spike: AlertDuty = { ...anAlertDuty(noon), type: 'invalid_grant_spike' };
const all: Record<string, Duty> = { link, share, unlink, revoke, alert: anAlertDuty(noon), count, recovered };

export function dutyContract(makeStore: MakeStore): void {
  describe('duties', () => {
    it('of every kind come back as they were written, in a connection, a session and a watch', async () => {
      const { connections, sessions, watches } = await makeStore();
      await connections.create(aConnection(1, {}, { duties: all }));
      await sessions.create(aSession(1, { duties: { revoke } }));
      await watches.create(aWatch(1, noon, { duties: { look, spike } }));
      assert.deepEqual((await connections.read(aConnection(1).id))?.duties, all);
      assert.deepEqual((await sessions.read(aSession(1).id))?.duties, { revoke });
      assert.deepEqual((await watches.read(aWatch(1, noon).id))?.duties, { look, spike });
    });

    it('are gone when they are done, and the others stay whole', async () => {
      const { connections } = await makeStore();
      const connection = aConnection(1, {}, { duties: all });
      await connections.create(connection);
      const { link: _done, ...rest } = all;
      await connections.replace(connection, next(connection, { duties: rest }));
      assert.deepEqual((await connections.read(connection.id))?.duties, rest);
    });

    it('of another release come back with what this one does not know', async () => {
      const { connections } = await makeStore();
      const future = { kind: 'of_another_release', with: { more: [1] }, ...owed } as unknown as Duty;
      await connections.create(aConnection(1, {}, { duties: { future } }));
      assert.deepEqual((await connections.read(aConnection(1).id))?.duties, { future });
    });

    it('that do not say when they are due are damaged', async () => {
      const { connections } = await makeStore();
      const { tries: _missing, ...broken } = unlink;
      await connections.create(aConnection(1, {}, { duties: { broken: broken as Duty } }));
      await assert.rejects(connections.read(aConnection(1).id), (error: unknown) => {
        return error instanceof UnreadableItemError && error.message.includes('duties.broken.tries');
      });
    });
  });
}
