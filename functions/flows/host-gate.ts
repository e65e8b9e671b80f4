/**
 * Caps the calls to one login host that a process has under way: a process works off a whole batch at once, and most
 * orgs share a host. One org never has all of its places: where it hangs, the others of its batch pass by it. Passed before the claim: whoever cannot be sent in time claims nothing, leaves no attempt behind,
 * and is due again by itself.
 *
 * The cap over all processes is this one times the concurrency of the queue's consumer (`lib/refresh-queue.ts`).
 */
import type { Clock } from '../core/ports.ts';

export type GateAnswer =
  /** To be called once the call has ended, however it did; again does nothing. */
  { readonly kind: 'entered'; readonly leave: () => void } | { readonly kind: 'full' };

export interface HostGate {
  /** Waits its turn for at most `waitAtMostMs`, first come first served among those whose org has a place left. */
  enter(loginUrl: string, orgId: string, waitAtMostMs: number): Promise<GateAnswer>;
}

export interface HostGateOptions {
  readonly clock: Clock;
  /** Calls under way to one host. @default 6 */
  readonly limit?: number;
  /** Of these, calls for one org. @default one less than `limit`, at least one */
  readonly limitOfOrg?: number;
  /** Waiting for one host; the next is turned away at once. @default 50 */
  readonly waitingAtMost?: number;
}

interface Waiter {
  readonly orgId: string;
  answer(answer: GateAnswer): void;
}

interface Host {
  /** The org of each call under way. */
  readonly inside: string[];
  readonly waiting: Set<Waiter>;
}

/** Of one process, to one login host. */
export const callsAtMost = 6;

export function createHostGate(options: HostGateOptions): HostGate {
  const { clock, limit = callsAtMost, waitingAtMost = 50 } = options;
  const { limitOfOrg = Math.max(1, limit - 1) } = options;
  const hosts = new Map<string, Host>();

  function hasPlace({ inside }: Host, orgId: string): boolean {
    return inside.length < limit && inside.filter((one) => one === orgId).length < limitOfOrg;
  }

  function admit(name: string, host: Host, orgId: string): GateAnswer {
    host.inside.push(orgId);
    let left = false;
    return {
      kind: 'entered',
      leave() {
        if (left) return;
        left = true;
        host.inside.splice(host.inside.indexOf(orgId), 1);
        letIn(name, host);
        if (host.inside.length === 0) hosts.delete(name);
      },
    };
  }

  /** One place became free: for whoever may take it and waits longest. */
  function letIn(name: string, host: Host): void {
    const next = [...host.waiting].find(({ orgId }) => hasPlace(host, orgId));
    if (next === undefined) return;
    host.waiting.delete(next);
    next.answer(admit(name, host, next.orgId));
  }

  function queue(host: Host, orgId: string, waitAtMostMs: number): Promise<GateAnswer> {
    return new Promise((resolve) => {
      const over = new AbortController();
      const waiter: Waiter = {
        orgId,
        answer(answer) {
          resolve(answer);
          over.abort();
        },
      };
      host.waiting.add(waiter);
      void clock.wait(waitAtMostMs, over.signal).then(() => {
        // Whoever was let in meanwhile is no longer among the waiting.
        if (host.waiting.delete(waiter)) waiter.answer({ kind: 'full' });
      });
    });
  }

  return {
    async enter(loginUrl, orgId, waitAtMostMs) {
      const name = new URL(loginUrl).host;
      const host = hosts.get(name) ?? { inside: [], waiting: new Set() };
      hosts.set(name, host);
      if (hasPlace(host, orgId)) return admit(name, host, orgId);
      if (host.waiting.size >= waitingAtMost || waitAtMostMs <= 0) return { kind: 'full' };
      return queue(host, orgId, waitAtMostMs);
    },
  };
}
