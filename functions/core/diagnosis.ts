/**
 * Why a connection is dead, or kept out: a cause with evidence, a confidence, and who must do what.
 *
 * Salesforce says "expired access/refresh token" of whatever ended a grant (facts §4), so a cause is concluded from what
 * we know besides: the ledger, attempts, the app's history, what the org's window showed. Pure.
 */

import type { AppState } from './circuit.ts';
import type { Connection } from './connection.ts';
import { diagnoseRefusal } from './diagnosis/refused-by-org.ts';
import { diagnoseRestored } from './diagnosis/restored-backup.ts';
import { type Case, caseOf, type Finding, type Rule } from './diagnosis/rule.ts';
import { rules } from './diagnosis/rules.ts';
import type { Actor } from './error-table.ts';
import { isGivenUp } from './given-up.ts';
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

/** Dead, or kept out: there is something to diagnose. */
export function isIll({ status }: Pick<Connection, 'status'>): boolean {
  return status === 'reauthorization_required' || status === 'admin_action_required';
}

/** `undefined`: the connection is neither dead nor kept out. */
export function diagnose(connection: Connection, facts: DiagnosisFacts): Diagnosis | undefined {
  if (connection.status === 'admin_action_required') return diagnoseRefusal(connection);
  if (connection.status !== 'reauthorization_required') return undefined;
  if (isGivenUp(connection)) return diagnoseRestored(connection);
  const it = caseOf(connection, facts);
  return it === undefined ? undefined : mostBelieved(it);
}

interface Suspicion {
  readonly rule: Rule;
  readonly finding: Finding;
}

const order: readonly Confidence[] = ['certain', 'likely', 'possible'];

function mostBelieved(it: Case): Diagnosis | undefined {
  const suspicions = rules.flatMap((rule): Suspicion[] => {
    const finding = rule.find(it);
    return finding === undefined ? [] : [{ rule, finding }];
  });
  // Sorting is stable: among equals the order of the rules decides.
  const [first, ...others] = suspicions.sort((a, b) => rank(a) - rank(b));
  return first && told(first, others);
}

function rank({ finding }: Suspicion): number {
  return order.indexOf(finding.confidence);
}

/** Where the evidence speaks as well for another cause, neither is likely. */
function told({ rule, finding }: Suspicion, others: readonly Suspicion[]): Diagnosis {
  const rivals = finding.confidence === 'likely' ? others.filter((one) => isRival(one.finding, finding)) : [];
  return {
    cause: rule.cause,
    confidence: rivals.length === 0 ? finding.confidence : 'possible',
    evidence: [
      ...finding.evidence,
      ...rivals.map((rival) => `It may as well be ${rival.rule.cause}: ${rival.finding.evidence.join(' ')}`),
    ],
    actor: rule.actor,
    remedy: rule.remedy,
    page: pageOf(rule.cause),
  };
}

function isRival(other: Finding, { suffices = false }: Finding): boolean {
  return other.confidence === 'likely' && (!suffices || other.suffices === true);
}

export function pageOf(cause: string): string {
  return `docs/causes/${cause}.md`;
}
