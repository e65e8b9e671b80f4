/**
 * Why a connection is dead, or kept out: a cause with evidence, a confidence, and who must do what.
 *
 * Salesforce says "expired access/refresh token" of whatever ended a grant (facts §4), so a cause is concluded from what
 * we know besides: the ledger, attempts, the app's history, what the org's window showed. Pure.
 */
import type { AppState } from './circuit.ts';
import type { Connection } from './connection.ts';
import type { Actor } from './error-table.ts';
import type { Ledger } from './ledger.ts';

/** `certain`: nothing else fits what is known. `likely`: it fits best. `possible`: others fit as well. */
export type Confidence = 'certain' | 'likely' | 'possible';

export interface DiagnosisFacts {
  /** Of the connection. */
  readonly ledger: Ledger | undefined;
  readonly app: AppState | undefined;
  /** What the app's configuration states of the refresh token policy. */
  readonly limits: { readonly idleMs?: number | undefined; readonly lifetimeMs?: number | undefined };
  /** Of the app; absent: nothing counts to one. */
  readonly grantLimit: number | undefined;
  readonly now: number;
}

export interface Diagnosis {
  readonly cause: string;
  readonly confidence: Confidence;
  /** Sentences, with times and numbers. */
  readonly evidence: readonly string[];
  readonly actor: Actor;
  readonly remedy: string;
  /** Path of its page in the repository. */
  readonly page: string;
}

/** `undefined`: the connection is neither dead nor kept out. */
export function diagnose(connection: Connection, _facts: DiagnosisFacts): Diagnosis | undefined {
  const { status, cause } = connection;
  if (status !== 'reauthorization_required' && status !== 'admin_action_required') return undefined;
  const named = cause ?? 'revoked_or_unknown';
  return {
    cause: named,
    confidence: 'possible',
    evidence: [],
    actor: 'user',
    remedy: 'Open a new connect link and authorize again.',
    page: `docs/causes/${named}.md`,
  };
}
