/** Items for the store's tests: plausible, complete, each of an id of its own where `n` differs. */

import type { AppState } from '../../functions/core/circuit.ts';
import type { Connection, ConnectionStatus } from '../../functions/core/connection.ts';
import type { AlertDuty, Duty } from '../../functions/core/duty.ts';
import type { Grant } from '../../functions/core/grant.ts';
import { connectionIdOf } from '../../functions/core/ids.ts';
import type { Incident } from '../../functions/core/incident.ts';
import type { Integration } from '../../functions/core/integration.ts';
import { entriesAtMost, type Ledger, type LedgerEntry } from '../../functions/core/ledger.ts';
import type { Session } from '../../functions/core/session.ts';
import { fleetWatchId, type OpenIncident, orgWatchId, type Watch } from '../../functions/core/watch.ts';

export const noon = Date.UTC(2026, 10, 21, 12);

export function orgId(n: number): string {
  return `00D${String(n).padStart(12, '0')}EAA`;
}

export function userId(n: number): string {
  return `005${String(n).padStart(15, '0')}`;
}

export interface ConnectionPlace {
  readonly app?: string;
  readonly org?: number;
  readonly status?: ConnectionStatus;
}

export function aConnection(n: number, place: ConnectionPlace = {}, change: Partial<Connection> = {}): Connection {
  const parts = { app: place.app ?? 'crm', orgId: orgId(place.org ?? 1), userId: userId(n) };
  return {
    version: 1,
    revision: 1,
    writeId: `write-${n}-1`,
    id: connectionIdOf(parts),
    ...parts,
    flow: 'authorization_code',
    status: place.status ?? 'active',
    createdAt: noon,
    authorizedAt: noon,
    grant: aGrant(`grant-${n}`),
    duties: {},
    ...change,
  };
}

export function aGrant(id: string, change: Partial<Grant> = {}): Grant {
  return {
    id,
    refreshes: 0,
    madeBy: `${id}-exchange`,
    accessToken: 'sealed-access',
    accessTokenSha256: 'ab'.repeat(32),
    refreshToken: 'sealed-refresh',
    issuedAt: noon,
    refreshedAt: noon,
    expiresAt: noon + 7_200_000,
    refreshAfter: noon + 5_400_000,
    scopes: ['api', 'refresh_token'],
    instanceUrl: 'https://example.my.salesforce.com',
    loginUrl: 'https://login.salesforce.com',
    attempts: [],
    failures: 0,
    ...change,
  };
}

export function aSession(n: number, change: Partial<Session> = {}): Session {
  return {
    version: 1,
    revision: 1,
    writeId: `session-write-${n}-1`,
    id: String(n).padStart(43, 's'),
    app: 'crm',
    tenant: 'acme',
    integration: 'sync',
    loginUrl: 'https://login.salesforce.com',
    createdAt: noon,
    expiresAt: noon + 900_000,
    status: 'pending',
    duties: {},
    ...change,
  };
}

export function anIntegration(tenant: string, integration: string, change: Partial<Integration> = {}): Integration {
  return {
    version: 1,
    revision: 1,
    writeId: `integration-write-${tenant}-${integration}`,
    tenant,
    integration,
    connectionId: aConnection(1).id,
    configurationVersion: 1,
    status: 'linked',
    linkedAt: noon,
    linkedBy: 'session-1',
    ...change,
  };
}

export function aLedger(id: string, change: Partial<Ledger> = {}): Ledger {
  return { version: 1, revision: 1, writeId: `ledger-write-${id}`, id, entries: [aLedgerEntry(1)], ...change };
}

/** As it stands before its exchange. */
export function aLedgerEntry(n: number, change: Partial<LedgerEntry> = {}): LedgerEntry {
  return { id: String(n).padStart(22, 'g'), sessionId: String(n).padStart(43, 's'), begunAt: noon + n, ...change };
}

/** As many entries as it holds at most, each with every field. */
export function aFullLedger(id: string): Ledger {
  const full = (n: number) =>
    aLedgerEntry(n, {
      outcome: 'refused',
      settledAt: noon + 101,
      reason: 'older_authorization',
      authorizedAt: noon + 102,
      fingerprint: '0123456789abcdef',
      supersededAt: noon + 103,
      revokedAt: noon + 104,
      givenUpAt: noon + 105,
    });
  const comparison = { at: noon, listed: 5, held: 2, note: 'three grants of this user that we do not hold' };
  const entries = Array.from({ length: entriesAtMost }, (_, n) => full(n));
  return aLedger(id, { entries, comparison, movedTo: aConnection(1).id });
}

export function anApp(id: string, change: Partial<AppState> = {}): AppState {
  return { version: 1, revision: 1, writeId: `app-write-${id}-1`, id, failures: 0, duties: {}, ...change };
}

export function anIncident(change: Partial<Incident> = {}): Incident {
  return { version: 1, revision: 1, writeId: 'incident-write-1', id: 'refresh_backlog', duties: {}, ...change };
}

/** Of the org `n`, with news at `activeAt`. */
export function aWatch(n: number, activeAt: number, change: Partial<Watch> = {}): Watch {
  const app = change.app ?? 'crm';
  const id = orgWatchId(app, orgId(n));
  const place = { id, kind: 'org', app, orgId: orgId(n) } as const;
  return { version: 1, revision: 1, writeId: `watch-write-${n}-1`, ...place, activeAt, duties: {}, ...change };
}

export function aFleetWatch(activeAt: number, change: Partial<Watch> = {}): Watch {
  const app = change.app ?? 'crm';
  const place = { id: fleetWatchId(app, 'fleet_revocation'), kind: 'fleet_revocation', app } as const;
  return { version: 1, revision: 1, writeId: 'fleet-write-1', ...place, activeAt, duties: {}, ...change };
}

export function anOpenIncident(change: Partial<OpenIncident> = {}): OpenIncident {
  return {
    id: 'incident-1',
    openedAt: noon,
    cause: 'org_wide_revocation',
    tally: { failed: 4, tried: 5 },
    failed: 4,
    told: 16,
    escalations: 0,
    lastFailureAt: noon - 1,
    size: 20,
    connectionIds: [aConnection(1).id],
    evidence: ['4 of 5 connections tried in 15 minutes failed.'],
    ...change,
  };
}

export function anAlertDuty(dueAt: number): AlertDuty {
  const type = 'reauthorization_required';
  return { kind: 'alert', alertId: `alert-${dueAt}`, type, cause: 'revoked_or_unknown', since: noon, dueAt, tries: 0 };
}

export function dutiesDueAt(...instants: number[]): Record<string, Duty> {
  return Object.fromEntries(instants.map((dueAt, index) => [`duty-${index}`, anAlertDuty(dueAt)]));
}

/** The next revision of an item, with some changes. */
export function next<Item extends { revision: number; writeId: string }>(item: Item, change: Partial<Item> = {}): Item {
  return { ...item, ...change, revision: item.revision + 1, writeId: change.writeId ?? `${item.writeId}+` };
}
