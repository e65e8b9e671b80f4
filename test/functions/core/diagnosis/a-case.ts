/** Connections that are dead, for the rules of diagnosis: authorized at six, last refreshed at noon, refused at one. */
import type { AppState } from '../../../../functions/core/circuit.ts';
import type { Connection } from '../../../../functions/core/connection.ts';
import { type Case, caseOf } from '../../../../functions/core/diagnosis/rule.ts';
import type { DiagnosisFacts } from '../../../../functions/core/diagnosis.ts';
import type { Grant } from '../../../../functions/core/grant.ts';
import type { Ledger, LedgerEntry } from '../../../../functions/core/ledger.ts';
import { aConnection, aGrant, noon } from '../../../contract/items.ts';

export { noon } from '../../../contract/items.ts';
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const authorizedAt: number = noon - 6 * hourMs;
export const deadAt: number = noon + hourMs;
const grantId = 'grant-own';

export interface Changes {
  readonly grant?: Partial<Grant>;
  readonly connection?: Partial<Connection>;
  readonly entries?: readonly LedgerEntry[];
  readonly facts?: Partial<DiagnosisFacts>;
  /** What Salesforce answered. @default 'expired access/refresh token' */
  readonly description?: string;
}

export function aDeadConnection({ grant = {}, connection = {}, description }: Changes = {}): Connection {
  const at = deadAt + 5_000;
  const lastFailure = {
    at,
    class: 'dead',
    error: 'invalid_grant',
    description: description ?? 'expired access/refresh token',
  };
  const dead = {
    refreshes: 4,
    refreshedAt: noon,
    failures: 2,
    deadSince: deadAt,
    death: { at, tries: 0 },
    lastFailure,
  };
  return aConnection(
    1,
    {},
    {
      status: 'reauthorization_required',
      cause: 'revoked_or_unknown',
      authorizedAt,
      grant: aGrant(grantId, { ...dead, ...grant }),
      ...connection,
    },
  );
}

export function factsOf({ entries = [], facts = {} }: Changes = {}): DiagnosisFacts {
  const own: LedgerEntry = { id: grantId, sessionId: 's', begunAt: authorizedAt, outcome: 'stored', authorizedAt };
  const ledger: Ledger = { version: 1, revision: 1, writeId: '', id: 'ledger', entries: [own, ...entries] };
  return { ledger, app: undefined, limits: {}, grantLimit: 5, now: deadAt + 2 * minuteMs, ...facts };
}

export function aCase(changes: Changes = {}): Case {
  const it = caseOf(aDeadConnection(changes), factsOf(changes));
  if (it === undefined) throw new Error('It holds a grant.');
  return it;
}

/** So many authorizations of the same user, a minute apart from `from` on. */
export function entries(count: number, from: number, change: Partial<LedgerEntry> = {}): LedgerEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `other-${from}-${index}`,
    sessionId: 's',
    begunAt: from + index * minuteMs,
    ...change,
  }));
}

/** Salesforce refused the app itself, from then until it was closed. */
export function refusedApp(at: number, closedAt: number, error = 'invalid_client'): AppState {
  const lastFailure = { at, error, description: 'invalid client credentials' };
  return { version: 1, revision: 1, writeId: '', id: 'crm', failures: 0, closedAt, lastFailure, duties: {} };
}
