/** Who failed newly and since when, by what was refused: kept apart from what the connections say of themselves. */
import type { Connection } from '../../functions/core/connection.ts';

export interface Failing {
  readonly connectionId: string;
  readonly app: string;
  readonly orgId: string;
  /** On the clock of whoever recorded it. */
  readonly since: number;
  readonly at: number;
  endedAt?: number;
}

/** A refusal that trying again does not mend was recorded, and none before it since the last success. */
export function begins(before: Connection | undefined, after: Connection): boolean {
  if (before?.grant === undefined || after.grant === undefined || before.grant.id !== after.grant.id) return false;
  if (after.grant.failures <= before.grant.failures) return false;
  if (diesKeptOut(before, after)) return true;
  if (before.failingSince !== undefined) return false;
  const { class: failureClass } = after.grant.lastFailure ?? { class: '' };
  if (failureClass === 'dead') return before.status !== 'reauthorization_required';
  return failureClass === 'admin' && before.status === 'active';
}

/** Somebody may have been told that its administrator must act, which is not what is to be done any more. */
function diesKeptOut(before: Connection, after: Connection): boolean {
  if (before.status !== 'admin_action_required' || after.status !== 'reauthorization_required') return false;
  return !Object.values(before.duties).some(
    (duty) => duty.kind === 'alert' && duty.type === 'admin_action_required' && duty.tries === 0,
  );
}

/** By an answer, a new grant, or a disconnect. */
export function ends(before: Connection | undefined, after: Connection): boolean {
  if (before === undefined) return false;
  return before.grant?.id !== after.grant?.id || before.grant?.refreshes !== after.grant?.refreshes;
}

export class FailureBooks {
  readonly all: Failing[] = [];
  /** The org of each connection. */
  readonly size = new Map<string, string>();
  readonly #open = new Map<string, Failing>();
  readonly #unanswered = new Map<string, number>();

  begin(failing: Failing): void {
    this.#open.set(failing.connectionId, failing);
    this.all.push(failing);
  }

  end(connectionId: string, now: number): void {
    const open = this.#open.get(connectionId);
    if (open === undefined) return;
    open.endedAt = now;
    this.#open.delete(connectionId);
  }

  openOf(connectionId: string): Failing | undefined {
    return this.#open.get(connectionId);
  }

  lastBegin(connectionId: string): number | undefined {
    return this.all.findLast((one) => one.connectionId === connectionId)?.at;
  }

  /** Those who fail, or failed until shortly: whoever counts may have read before. */
  failedBetween(from: number, now: number, accept: (failing: Failing) => boolean): Set<string> {
    const recent = this.all.filter(
      (one) => one.since >= from && (one.endedAt === undefined || one.endedAt >= now - recentMs) && accept(one),
    );
    return new Set(recent.map(({ connectionId }) => connectionId));
  }

  /** Begun in that time, and still failing. */
  begunBetween(from: number, to: number, accept: (failing: Failing) => boolean): Failing[] {
    return [...this.#open.values()].filter(({ since, at }) => since > from && at < to).filter(accept);
  }

  /** Whether they fail still or not. */
  orgsThatFailed(app: string, from: number): Set<string> {
    return new Set(this.all.filter((one) => one.app === app && one.since >= from).map(({ orgId }) => orgId));
  }

  noteUnanswered({ orgId, grant }: Connection, now: number): void {
    if (grant?.lastFailure?.class === 'transient') this.#unanswered.set(orgId, now);
  }

  unansweredSince(from: number): Set<string> {
    return new Set([...this.#unanswered].filter(([, at]) => at >= from).map(([orgId]) => orgId));
  }
}

const recentMs = 65_000;
