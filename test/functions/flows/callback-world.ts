/**
 * One browser's way through a callback, over ports in memory: what the tests of several flows begin with. And grants
 * of the same user that are owed their revocation, with tokens that the model of Salesforce knows.
 */
import { bindingOf, claimOf, cookieName, stateOf } from '../../../functions/core/browser-binding.ts';
import { type GrantkeeperConfig, parseConfig } from '../../../functions/core/config.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { RevokeDuty } from '../../../functions/core/duty.ts';
import type { Ledger } from '../../../functions/core/ledger.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import type { Session } from '../../../functions/core/session.ts';
import { revokeDutyId } from '../../../functions/core/settle-superseded.ts';
import { revocationOf, supersededGraceMs } from '../../../functions/core/store-grant.ts';
import { type CallbackOutcome, createFinishConnect } from '../../../functions/flows/finish-connect.ts';
import { createMaintain } from '../../../functions/flows/maintain.ts';
import { createVault } from '../../../functions/flows/vault.ts';
import { aSession, next } from '../../contract/items.ts';
import { type MemoryPorts, memoryPorts, orgA, remaining, userA } from '../../support/memory-ports.ts';
import type { ModelGrant } from '../../support/token-server.ts';

export const connectionId = `crm.${orgA}.${userA}`;
export const attemptsId = 'crm/acme/sync';
export const key = { tenant: 'acme', integration: 'sync' };
export const salt = 'salt';

export interface CallbackWorld {
  readonly ports: MemoryPorts;
  readonly id: string;
  /** What the bound browser takes back. */
  readonly claim: string;
  finish(cookie?: string, timeMs?: number): Promise<CallbackOutcome>;
  session(): Promise<Session>;
  connection(): Promise<Connection | undefined>;
  ledger(id?: string): Promise<Ledger | undefined>;
  /** One run of `maintain`. */
  maintain(): Promise<void>;
}

export function configOf(app: Record<string, unknown>): GrantkeeperConfig {
  return parseConfig({ apps: { crm: { clientId: 'crm-client', ...app } } }, 'test');
}

/** A session whose browser comes back from Salesforce with a code for a new grant of `userA`. */
export async function callbackWorld(
  change: Partial<Session> = {},
  overrides: Partial<Ports> = {},
  ports: MemoryPorts = memoryPorts(overrides),
): Promise<CallbackWorld> {
  const id = change.id ?? 's'.repeat(43);
  const cookie = `cookie-of-${id}`;
  const now = ports.clock.now();
  const session = aSession(1, { id, binding: bindingOf(id, cookie, salt), createdAt: now, expiresAt: now + 900_000 });
  await ports.store.inner.sessions.create({ ...session, ...change });
  const code = ports.server.code(orgA, userA);
  const finishConnect = createFinishConnect(ports);
  return {
    ports,
    id,
    claim: claimOf({ verifierSalt: salt }, cookie),
    finish: (shown = cookie, timeMs) => {
      const parameters = { state: stateOf(id, cookie), code: new Secret(code) };
      return ports.clock.run(finishConnect(parameters, { [cookieName(id)]: shown }, remaining(ports.clock, timeMs)));
    },
    session: async () => (await ports.store.inner.sessions.read(id)) as Session,
    connection: () => ports.store.inner.connections.read(connectionId),
    ledger: (ledgerId = connectionId) => ports.store.inner.ledgers.read(ledgerId),
    maintain: async () => void (await ports.clock.run(createMaintain(ports)(() => 60_000))),
  };
}

/** Another grant of the connection's user, superseded just now. */
export async function oweRevocation(
  ports: MemoryPorts,
  name: string,
  change: Partial<RevokeDuty> = {},
): Promise<ModelGrant> {
  const before = (await ports.store.inner.connections.read(connectionId)) as Connection;
  const atSalesforce = ports.server.authorize(before.orgId, before.userId);
  const vault = createVault({ ...ports, store: ports.store.inner });
  const orgKey = await vault.orgKey(before.orgId, 'refresh');
  const context = { connectionId, grantId: name, purpose: 'refresh' as const };
  const refreshToken = await vault.seal(new Secret(atSalesforce.refreshToken), orgKey, context);
  const now = ports.clock.now();
  if (before.grant === undefined) throw new Error(`${connectionId} has no grant to be like.`);
  const grant = { ...before.grant, id: name, refreshToken };
  const duty = { ...revocationOf(grant, now, now + supersededGraceMs, 'superseded'), ...change };
  const duties = { ...before.duties, [revokeDutyId(name)]: duty };
  await ports.store.inner.connections.replace(before, next<Connection>(before, { duties }));
  return atSalesforce;
}
