/** The kinds of items under compare-and-set: where they lie, what the indexes need of them, how they are read. */
import type * as z from 'zod/mini';
import type { IncidentAlertType } from '../../core/alert.ts';
import type { AppState } from '../../core/circuit.ts';
import type { Connection } from '../../core/connection.ts';
import { firstDueAt } from '../../core/duty.ts';
import type { Incident } from '../../core/incident.ts';
import type { Integration } from '../../core/integration.ts';
import type { Introduction } from '../../core/introduction.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { IntegrationKey } from '../../core/ports.ts';
import type { Session } from '../../core/session.ts';
import type { Versioned } from '../../core/versioned.ts';
import type { Watch } from '../../core/watch.ts';
import { formatGeneration } from './generation-text.ts';
import {
  appSchema,
  connectionSchema,
  incidentSchema,
  integrationSchema,
  introductionSchema,
  ledgerSchema,
  sessionSchema,
  watchSchema,
} from './item-schemas.ts';
import {
  appKey,
  connectionKey,
  type ItemKey,
  incidentKey,
  integrationKey,
  introductionKey,
  ledgerKey,
  sessionKey,
  watchKey,
} from './keys.ts';
import { shardName, shardOf } from './shard.ts';
import type { Attributes } from './update-expression.ts';

export interface Kind<Key, Item extends Versioned> {
  keyOf(item: Item): Key;
  itemKey(key: Key): ItemKey;
  readonly schema: z.ZodMiniType;
  /** The item's attributes that this release knows. */
  readonly known: ReadonlySet<string>;
  /**
   * What the adapter writes beside the item: `undefined` where the item is not to be found so. A name that is left out
   * stays as the last write had it.
   */
  derived(item: Item, shards: number): Attributes;
}

export const connectionKind: Kind<string, Connection> = {
  keyOf: ({ id }) => id,
  itemKey: connectionKey,
  schema: connectionSchema,
  known: new Set(Object.keys(connectionSchema.shape)),
  derived: (connection, shards) => ({
    ...dueAttributes(connection, shards),
    ...dutyAttributes(connection, shards),
    listApp: connection.app,
    listOrder: listOrderOf(connection),
  }),
};

export const sessionKind: Kind<string, Session> = {
  keyOf: ({ id }) => id,
  itemKey: sessionKey,
  schema: sessionSchema,
  known: new Set(Object.keys(sessionSchema.shape)),
  derived: (session, shards) => ({
    ...dutyAttributes(session, shards),
    expiresAtEpochSeconds: expiryOf(session),
  }),
};

export const integrationKind: Kind<IntegrationKey, Integration> = {
  keyOf: ({ tenant, integration }) => ({ tenant, integration }),
  itemKey: integrationKey,
  schema: integrationSchema,
  known: new Set(Object.keys(integrationSchema.shape)),
  derived: () => ({}),
};

export const ledgerKind: Kind<string, Ledger> = {
  keyOf: ({ id }) => id,
  itemKey: ledgerKey,
  schema: ledgerSchema,
  known: new Set(Object.keys(ledgerSchema.shape)),
  derived: ledgerExpiry,
};

export const introductionKind: Kind<string, Introduction> = {
  keyOf: ({ id }) => id,
  itemKey: introductionKey,
  schema: introductionSchema,
  known: new Set(Object.keys(introductionSchema.shape)),
  derived: () => ({}),
};

export const appKind: Kind<string, AppState> = {
  keyOf: ({ id }) => id,
  itemKey: appKey,
  schema: appSchema,
  known: new Set(Object.keys(appSchema.shape)),
  derived: dutyAttributes,
};

export const incidentKind: Kind<IncidentAlertType, Incident> = {
  keyOf: ({ id }) => id,
  itemKey: incidentKey,
  schema: incidentSchema,
  known: new Set(Object.keys(incidentSchema.shape)),
  derived: dutyAttributes,
};

export const watchKind: Kind<string, Watch> = {
  keyOf: ({ id }) => id,
  itemKey: watchKey,
  schema: watchSchema,
  known: new Set(Object.keys(watchSchema.shape)),
  derived: (watch, shards) => ({
    ...dutyAttributes(watch, shards),
    listApp: watchListOf(watch.app),
    listOrder: watchOrderOf(watch),
    expiresAtEpochSeconds: watchExpiry(watch),
  }),
};

/** The partition of the list index that holds an app's watches. */
export function watchListOf(app: string): string {
  return `!watch.${app}`;
}

/** Sorts watches by `activeAt`; those of one instant by id. */
export function watchOrderOf({ id, activeAt }: Pick<Watch, 'id' | 'activeAt'>): string {
  return `${instantText(activeAt)}#${id}`;
}

/** Sorted as text it is sorted by time. */
export function instantText(instant: number): string {
  return String(instant).padStart(15, '0');
}

export function listOrderOf({ orgId, userId }: Pick<Connection, 'orgId' | 'userId'>): string {
  return `${orgId}#${userId}`;
}

function dueAttributes({ id, grant, nextRefreshAt }: Connection, shards: number): Attributes {
  // Without a grant there is no generation to refresh, whatever the time says.
  const due = grant !== undefined && nextRefreshAt !== undefined;
  return {
    dueShard: due ? shardName(shardOf(id, shards)) : undefined,
    generation: due ? formatGeneration({ grantId: grant.id, refreshes: grant.refreshes }) : undefined,
  };
}

function dutyAttributes(
  { id, duties }: Pick<Connection | Session | AppState | Incident | Watch, 'id' | 'duties'>,
  shards: number,
): Attributes {
  const dutyDueAt = firstDueAt(duties);
  return { dutyShard: dutyDueAt === undefined ? undefined : shardName(shardOf(id, shards)), dutyDueAt };
}

const keptAfterExpirySeconds = 7 * 24 * 60 * 60;

/** A session that still owes something must outlive its week. */
function expiryOf({ expiresAt, duties }: Session): number | undefined {
  if (Object.keys(duties).length > 0) return undefined;
  return Math.floor(expiresAt / 1000) + keptAfterExpirySeconds;
}

const watchKeptSeconds = 30 * 24 * 60 * 60;

/** What is open, or owes something, must stay. */
function watchExpiry({ activeAt, incident, duties }: Watch): number | undefined {
  if (incident !== undefined || Object.keys(duties).length > 0) return undefined;
  return Math.floor(activeAt / 1000) + watchKeptSeconds;
}

const attemptsKeptSeconds = 90 * 24 * 60 * 60;

/**
 * A connection's ledger stays with it. An integration's holds attempts whose user nobody knows: three times as long as
 * an orphan counts, they are kept. Emptied, it goes when it would have gone.
 */
function ledgerExpiry({ id, entries }: Ledger): Attributes {
  if (!id.includes('/')) return { expiresAtEpochSeconds: undefined };
  if (entries.length === 0) return {};
  const newest = Math.max(...entries.map(({ begunAt }) => begunAt));
  return { expiresAtEpochSeconds: Math.floor(newest / 1000) + attemptsKeptSeconds };
}
