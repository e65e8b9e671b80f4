/**
 * The circuit of an app: once Salesforce refuses the app itself (class `operator`: its key, secret or settings), its
 * credentials are not hammered with. One probe at a time finds out when that was set right.
 *
 * No connection is touched: nothing failed there, tokens and states stay. Stored as an item of its own, so that every
 * process knows; a process without it would have to find out by being refused.
 *
 *     closed --operator refusal--> open --time--> half-open --probe succeeds--> closed
 *                                    ^                |
 *                                    '--probe refused-'   (any other answer proves nothing: the next one probes)
 */

import type { CertificateState } from './certificate-expiry.ts';
import type { AlertDuty, Duty } from './duty.ts';
import type { SecretState } from './secret-age.ts';
import { leaseMs } from './time-limits.ts';
import type { Versioned } from './versioned.ts';

/** What is known of an app as a whole. */
export interface AppState extends Versioned {
  /** The app's name. */
  readonly id: string;
  /** Refusals in a row that opened the circuit; they drive the backoff. */
  readonly failures: number;
  /** Since when it is not closed. */
  readonly openedAt?: number;
  /** Until then nobody asks; afterwards one probe at a time. Absent: closed. */
  readonly openUntil?: number;
  readonly probe?: Probe;
  readonly lastFailure?: AppFailure;
  readonly closedAt?: number;
  /** With flow `jwt_bearer`: what is known of its signing certificates. */
  readonly certificates?: CertificateState;
  /** With a client secret: whether it is set, and since when. */
  readonly secret?: SecretState;
  /** Alerts of the app. */
  readonly duties: Readonly<Record<string, Duty>>;
}

export interface Probe {
  readonly attempt: string;
  /** Later than any answer to it can come: who finds it passed knows that it died. */
  readonly until: number;
}

export interface AppFailure {
  readonly at: number;
  readonly error: string;
  readonly description: string;
}

export type AskDecision =
  | { readonly kind: 'go' }
  /** Half-open: this attempt may ask, once `after` is written. */
  | { readonly kind: 'probe'; readonly after: AppState }
  /** This attempt is the probe already: its write's answer was lost. */
  | { readonly kind: 'probing' }
  | { readonly kind: 'refused'; readonly until: number };

export const circuitBaseMs = 30_000;
/** Whoever sets the secret right should not wait an hour for it; four requests an hour hammer nobody. */
export const circuitCapMs = 15 * 60_000;
/** Refused anew within this time after a recovery, and for the same reason: the same incident, no second alert. */
export const sameIncidentMs = 2 * 3_600_000;

export function decideAsk(state: AppState | undefined, now: number, attemptId: string): AskDecision {
  if (state?.openUntil === undefined) return { kind: 'go' };
  if (state.openUntil > now) return { kind: 'refused', until: state.openUntil };
  if (state.probe !== undefined && state.probe.until > now) {
    return state.probe.attempt === attemptId ? { kind: 'probing' } : { kind: 'refused', until: state.probe.until };
  }
  return { kind: 'probe', after: { ...state, probe: { attempt: attemptId, until: now + leaseMs } } };
}

/**
 * `undefined`: known already. Requests that were under way when the circuit opened say nothing new, and a probe is
 * judged by its own answer.
 */
export function decideOperatorFailure(
  state: AppState | undefined,
  app: string,
  failure: Omit<AppFailure, 'at'>,
  now: number,
  fraction: number,
  attemptId: string,
): AppState | undefined {
  const before = state ?? closedState(app);
  const ofProbe = before.probe?.attempt === attemptId;
  const open = before.openUntil !== undefined;
  if (open && !ofProbe) return undefined;
  const failures = before.failures + 1;
  const after: AppState = {
    ...before,
    failures,
    openedAt: before.openedAt ?? now,
    openUntil: now + circuitBackoffMs(failures, fraction),
    probe: undefined,
    lastFailure: { at: now, error: failure.error, description: failure.description },
  };
  return open || isSameIncident(before, failure, now) ? after : withAlert(after, failure, now, attemptId);
}

/** `undefined`: nothing to close. Only a probe closes; others were sent before it opened. */
export function decideSuccess(state: AppState | undefined, now: number, attemptId: string): AppState | undefined {
  if (state?.probe?.attempt !== attemptId) return undefined;
  return { ...state, failures: 0, openedAt: undefined, openUntil: undefined, probe: undefined, closedAt: now };
}

/** The probe's outcome says nothing about the app, or it was never sent: the next asker probes. */
export function decideInconclusive(state: AppState | undefined, attemptId: string): AppState | undefined {
  return state?.probe?.attempt === attemptId ? { ...state, probe: undefined } : undefined;
}

export function isClosed(state: AppState | undefined): boolean {
  return state?.openUntil === undefined;
}

/** Half of the doubled ceiling, and up to the whole of it by jitter. `fraction` in [0, 1). */
export function circuitBackoffMs(failures: number, fraction: number): number {
  const ceiling = Math.min(circuitCapMs, circuitBaseMs * 2 ** Math.min(Math.max(failures, 1) - 1, 20));
  return Math.floor(ceiling / 2 + (ceiling / 2) * fraction);
}

/** Of an app of which nothing is stored yet. */
export function closedState(app: string): AppState {
  return { version: 1, revision: 0, writeId: '', id: app, failures: 0, duties: {} };
}

/**
 * One org may have settings of its own that make Salesforce refuse the app there only: its connection is asked again
 * every hour and must not raise an alert each time.
 */
function isSameIncident({ lastFailure, closedAt }: AppState, failure: Omit<AppFailure, 'at'>, now: number): boolean {
  if (lastFailure === undefined || closedAt === undefined || now - closedAt >= sameIncidentMs) return false;
  return lastFailure.error === failure.error && lastFailure.description === failure.description;
}

function withAlert(state: AppState, { error }: Omit<AppFailure, 'at'>, now: number, alertId: string): AppState {
  const duty: AlertDuty = {
    kind: 'alert',
    alertId,
    type: 'app_misconfigured',
    cause: error,
    since: now,
    dueAt: now,
    tries: 0,
  };
  return { ...state, duties: { ...state.duties, [`alert.${alertId}`]: duty } };
}
