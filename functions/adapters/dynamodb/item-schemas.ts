/**
 * What a stored item must look like to be read: the essential fields and their types. Loose at every level, for a
 * release keeps what it does not know.
 *
 * Each schema lists every attribute of its item (the compiler sees to it): what is listed may be removed by a write
 * that leaves it out, what is not belongs to another release.
 */
import * as z from 'zod/mini';
import type { CertificateState } from '../../core/certificate-expiry.ts';
import type { AppState } from '../../core/circuit.ts';
import { type Connection, connectionStatuses } from '../../core/connection.ts';
import type { Grant } from '../../core/grant.ts';
import type { Incident } from '../../core/incident.ts';
import type { Integration } from '../../core/integration.ts';
import type { Introduction } from '../../core/introduction.ts';
import type { GrantComparison, Ledger, LedgerEntry } from '../../core/ledger.ts';
import type { StoredDataKey } from '../../core/ports.ts';
import type { SecretState } from '../../core/secret-age.ts';
import { type Session, sessionStatuses } from '../../core/session.ts';
import type { ClosedIncident, IdleNotice, OpenIncident, Pull, Watch } from '../../core/watch.ts';

type ShapeOf<Item> = Record<keyof Item, z.ZodMiniType>;

const optionalText = z.optional(z.string());
const optionalInstant = z.optional(z.number());
const optionalObject = z.optional(z.looseObject({}));

const versioned = { version: z.literal(1), revision: z.int(), writeId: z.string() };

const attempts = z.array(z.looseObject({ id: z.string(), begunAt: z.number(), refreshes: z.int() }));

const duties = z.record(
  z.string(),
  z.looseObject({ kind: z.string(), since: z.number(), dueAt: z.number(), tries: z.number() }),
);

const grant = z.looseObject({
  id: z.string(),
  refreshes: z.int(),
  madeBy: z.string(),
  accessToken: z.string(),
  accessTokenSha256: z.string(),
  refreshToken: optionalText,
  issuedAt: z.number(),
  refreshedAt: z.number(),
  expiresAt: z.number(),
  refreshAfter: z.number(),
  scopes: z.array(z.string()),
  instanceUrl: z.string(),
  loginUrl: z.string(),
  lease: z.optional(z.looseObject({ attempt: z.string(), until: z.number() })),
  attempts,
  failures: z.number(),
} satisfies Partial<ShapeOf<Grant>>);

const logins = z.optional(z.looseObject({ since: z.number(), count: z.int() }));

export const connectionSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  app: z.string(),
  orgId: z.string(),
  userId: z.string(),
  flow: z.string(),
  username: optionalText,
  status: z.enum(connectionStatuses),
  cause: optionalText,
  failingSince: optionalInstant,
  absorbedBy: optionalText,
  createdAt: z.number(),
  authorizedAt: z.number(),
  grant: z.optional(grant),
  duties,
  nextRefreshAt: optionalInstant,
  rejections: z.optional(z.looseObject({ left: z.number(), at: z.number() })),
  logins,
  disconnectedAt: optionalInstant,
  forgottenAt: optionalInstant,
} satisfies ShapeOf<Connection>);

export const sessionSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  app: z.string(),
  tenant: z.string(),
  integration: z.string(),
  configuration: optionalText,
  returnTo: optionalText,
  loginUrl: z.string(),
  loginHint: optionalText,
  expectedOrgId: optionalText,
  expectedUserId: optionalText,
  createdAt: z.number(),
  expiresAt: z.number(),
  status: z.enum(sessionStatuses),
  binding: optionalObject,
  attempt: optionalObject,
  connectionId: optionalText,
  claim: z.optional(z.boolean()),
  claimedAt: optionalInstant,
  takesFrom: z.optional(z.array(z.string())),
  ledgerId: optionalText,
  identity: z.optional(z.looseObject({ orgId: z.string(), userId: z.string() })),
  error: optionalObject,
  duties,
} satisfies ShapeOf<Session>);

export const integrationSchema = z.looseObject({
  ...versioned,
  tenant: z.string(),
  integration: z.string(),
  connectionId: z.string(),
  configuration: optionalText,
  configurationVersion: z.number(),
  status: z.string(),
  reason: optionalText,
  configuredAt: optionalInstant,
  linkedAt: z.number(),
  linkedBy: optionalText,
  formerConnectionId: z.optional(z.string()),
} satisfies ShapeOf<Integration>);

const ledgerEntry = z.looseObject({
  id: z.string(),
  sessionId: z.string(),
  begunAt: z.number(),
  outcome: z.optional(z.enum(['stored', 'refused', 'failed'])),
  settledAt: optionalInstant,
  lostAt: optionalInstant,
  reason: optionalText,
  authorizedAt: optionalInstant,
  fingerprint: optionalText,
  supersededAt: optionalInstant,
  revokedAt: optionalInstant,
  givenUpAt: optionalInstant,
} satisfies ShapeOf<LedgerEntry>);

const comparison = z.looseObject({
  at: z.number(),
  listed: z.optional(z.number()),
  held: z.optional(z.number()),
  note: optionalText,
} satisfies ShapeOf<GrantComparison>);

export const ledgerSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  entries: z.array(ledgerEntry),
  movedTo: optionalText,
  comparison: z.optional(comparison),
} satisfies ShapeOf<Ledger>);

export const introductionSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  lease: z.optional(z.looseObject({ attempt: z.string(), until: z.number() })),
  connectionId: optionalText,
  lastFailure: optionalObject,
  logins,
} satisfies ShapeOf<Introduction>);

const certificates = z.optional(
  z.looseObject({
    lookedAt: z.number(),
    ends: z.array(z.looseObject({ id: z.string(), endsAt: optionalInstant })),
    alerted: z.array(
      z.looseObject({ alertId: z.string(), keyId: z.string(), endsAt: z.number(), noticeMs: z.number() }),
    ),
  } satisfies ShapeOf<CertificateState>),
);

const secret = z.optional(
  z.looseObject({
    lookedAt: z.number(),
    set: z.boolean(),
    changedAt: optionalInstant,
    alerted: z.optional(z.looseObject({ alertId: z.string(), changedAt: z.number(), oldAt: z.number() })),
  } satisfies ShapeOf<SecretState>),
);

export const appSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  failures: z.int(),
  openedAt: optionalInstant,
  openUntil: optionalInstant,
  probe: z.optional(z.looseObject({ attempt: z.string(), until: z.number() })),
  lastFailure: optionalObject,
  closedAt: optionalInstant,
  certificates,
  secret,
  duties,
} satisfies ShapeOf<AppState>);

export const incidentSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  openedAt: optionalInstant,
  quietSince: optionalInstant,
  finding: optionalObject,
  duties,
} satisfies ShapeOf<Incident>);

const toldTexts = { connectionIds: z.array(z.string()), evidence: z.array(z.string()) };

const openIncident = z.looseObject({
  id: z.string(),
  openedAt: z.number(),
  cause: z.string(),
  tally: z.looseObject({ failed: z.int(), tried: z.int() }),
  failed: z.int(),
  told: z.int(),
  escalations: z.int(),
  absorbedBy: optionalText,
  lastFailureAt: z.number(),
  size: z.int(),
  ...toldTexts,
} satisfies ShapeOf<OpenIncident>);

const closedIncident = z.looseObject({
  id: z.string(),
  cause: z.string(),
  openedAt: z.number(),
  closedAt: z.number(),
  lastFailureAt: z.number(),
  absorbedBy: optionalText,
  failed: z.int(),
  left: z.int(),
  ...toldTexts,
} satisfies ShapeOf<ClosedIncident>);

const idleNotice = z.looseObject({ at: z.number(), until: z.number() } satisfies ShapeOf<IdleNotice>);

const pull = z.looseObject({ since: z.number(), at: z.number(), waves: z.int() } satisfies ShapeOf<Pull>);

export const watchSchema = z.looseObject({
  ...versioned,
  id: z.string(),
  kind: z.string(),
  app: z.string(),
  orgId: optionalText,
  activeAt: z.number(),
  failedAt: optionalInstant,
  unansweredAt: optionalInstant,
  judgedAt: optionalInstant,
  looked: z.optional(z.int()),
  incident: z.optional(openIncident),
  closed: z.optional(closedIncident),
  pull: z.optional(pull),
  recoveryToldAt: optionalInstant,
  idleNotice: z.optional(idleNotice),
  duties,
} satisfies ShapeOf<Watch>);

export const dataKeySchema = z.looseObject({
  version: z.literal(1),
  orgId: z.string(),
  purpose: z.enum(['access', 'refresh']),
  id: z.string(),
  wrapped: z.string(),
} satisfies ShapeOf<StoredDataKey & { version: 1 }>);

export const usernameSchema = z.looseObject({
  version: z.literal(1),
  app: z.string(),
  connectionId: z.string(),
} satisfies ShapeOf<{ version: 1; app: string; connectionId: string }>);
