/**
 * Caps the calls to one login host that a process has under way: a process works off a whole batch at once, and most
 * orgs share a host. Passed before the claim: whoever cannot be sent in time claims nothing, leaves no attempt behind,
 * and is due again by itself.
 *
 * The cap over all processes is this one times the concurrency of the queue's consumer (`lib/refresh-queue.ts`).
 */
import type { Clock } from '../core/ports.ts';

export type GateAnswer =
  /** To be called once the call has ended, however it did; again does nothing. */
  { readonly kind: 'entered'; readonly leave: () => void } | { readonly kind: 'full' };

export interface HostGate {
  /** Waits its turn for at most `waitAtMostMs`, first come first served. */
  enter(loginUrl: string, waitAtMostMs: number): Promise<GateAnswer>;
}

export interface HostGateOptions {
  readonly clock: Clock;
  /** Calls under way to one host. @default 5 */
  readonly limit?: number;
  /** Waiting for one host; the next is turned away at once. @default 50 */
  readonly waitingAtMost?: number;
}

interface Waiter {
  answer(answer: GateAnswer): void;
}

interface Host {
  inside: number;
  readonly waiting: Set<Waiter>;
}

export function createHostGate({ clock, limit = 5, waitingAtMost = 50 }: HostGateOptions): HostGate {
  const hosts = new Map<string, Host>();

  function admit(name: string, host: Host): GateAnswer {
    host.inside += 1;
    let left = false;
    return {
      kind: 'entered',
      leave() {
        if (left) return;
        left = true;
        host.inside -= 1;
        const [next] = host.waiting;
        if (next !== undefined) {
          host.waiting.delete(next);
          next.answer(admit(name, host));
        } else if (host.inside === 0) hosts.delete(name);
      },
    };
  }

  function queue(host: Host, waitAtMostMs: number): Promise<GateAnswer> {
    return new Promise((resolve) => {
      const over = new AbortController();
      const waiter: Waiter = {
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
    async enter(loginUrl, waitAtMostMs) {
      const name = new URL(loginUrl).host;
      const host = hosts.get(name) ?? { inside: 0, waiting: new Set() };
      hosts.set(name, host);
      if (host.inside < limit) return admit(name, host);
      if (host.waiting.size >= waitingAtMost || waitAtMostMs <= 0) return { kind: 'full' };
      return queue(host, waitAtMostMs);
    },
  };
}
