/** Requests on their way to Salesforce, and what none of them may do: come twice, too late, or end the stored grant. */
import type { Monitor } from './monitor.ts';
import { type BookGrant, generationOfToken } from './salesforce-books.ts';
import type { Sent } from './salesforce-port.ts';
import type { Process } from './world.ts';

/** The protocol's time rule, said anew here: not the code's own number. */
const timeNeededMs = 45_000;

interface InFlight {
  readonly sent: Sent;
  readonly grant: BookGrant | undefined;
  doneThere: boolean;
  overHere: boolean;
}

export class Requests {
  readonly #monitor: Monitor;
  readonly #codesSent = new Set<string>();
  #inFlight: InFlight[] = [];

  constructor(monitor: Monitor) {
    this.#monitor = monitor;
  }

  sends(sent: Sent): void {
    const monitor = this.#monitor;
    const grant = sent.kind === 'exchange' ? undefined : monitor.world.books.grantOf(sent.token);
    sent.process.asked = true;
    if (sent.kind !== 'revoke' && sent.kind !== 'introspect') this.#inTime(sent.process);
    if (sent.kind === 'exchange') {
      if (this.#codesSent.has(sent.token)) monitor.breaks('1 tokens first', `${sent.token} is sent twice`);
      this.#codesSent.add(sent.token);
    }
    if (sent.kind === 'refresh' && grant !== undefined) this.#refreshes(sent, grant);
    this.#inFlight.push({ sent, grant, doneThere: false, overHere: false });
  }

  #refreshes({ token }: Sent, grant: BookGrant): void {
    const monitor = this.#monitor;
    const other = this.refreshInFlight(grant);
    if (other !== undefined) {
      monitor.breaks(
        '3 one refresh at a time',
        `${token} is sent while ${other.token} of process ${other.process.id} is in flight`,
      );
    }
    if ((monitor.durable.get(grant.number) ?? -1) > generationOfToken(token)) {
      monitor.breaks('2 no lost grant', `${token} is sent although a newer one was stored`);
    }
  }

  /** An aborted request may be a lost grant: whoever sends one has the time to wait for it, and to write. */
  #inTime(process: Process): void {
    const leftMs = process.startedAt + process.timeoutMs - this.#monitor.world.now();
    if (leftMs >= timeNeededMs) return;
    this.#monitor.breaks('2 no lost grant', `process ${process.id} sends a request with ${leftMs} ms left of its time`);
  }

  revokes(token: string): void {
    const monitor = this.#monitor;
    const grant = monitor.world.books.grantOf(token);
    if (grant === undefined) return;
    for (const connection of monitor.connections.values()) {
      if (monitor.grantOf(connection.grant?.refreshToken) === grant) {
        monitor.breaks('4 we never evict ourselves', `the stored grant of ${connection.id} is revoked (${token})`);
      }
    }
    const refresh = this.refreshInFlight(grant);
    if (refresh !== undefined) {
      monitor.breaks('4 we never evict ourselves', `${token} is revoked while ${refresh.token} is being refreshed`);
    }
  }

  /** Of a grant, not counting what Salesforce acts on after its lease. */
  refreshInFlight(grant: BookGrant): Sent | undefined {
    return this.#inFlight.find(({ sent, grant: of }) => sent.kind === 'refresh' && of === grant && !sent.late)?.sent;
  }

  /** Salesforce is done with it, or it never arrived. */
  done(sent: Sent): void {
    this.#ends(sent, (one) => {
      one.doneThere = true;
    });
  }

  /** The caller has its answer, or has given up waiting. */
  over(sent: Sent): void {
    this.#ends(sent, (one) => {
      one.overHere = true;
    });
  }

  #ends(sent: Sent, mark: (one: InFlight) => void): void {
    const one = this.#inFlight.find((other) => other.sent === sent);
    if (one === undefined) return;
    mark(one);
    if (one.doneThere && (one.overHere || !sent.process.alive)) this.#inFlight.splice(this.#inFlight.indexOf(one), 1);
  }

  /** A process was killed: nobody waits for what is done there. */
  killed(): void {
    this.#inFlight = this.#inFlight.filter(({ sent, doneThere }) => sent.process.alive || !doneThere);
  }
}

/**
 * An authorization of ours ends the stored grant: only where the user's grants that nobody here holds (answers lost, or
 * still on the way), those that were refused and could not be revoked yet, and the new one fill Salesforce's limit by
 * themselves. Where the least recently used goes, a
 * superseded one that was being refreshed when it was superseded counts with them: it was used after the stored one.
 */
export function checkEviction(monitor: Monitor, grant: BookGrant, living: readonly BookGrant[]): void {
  const connection = [...monitor.connections.values()].find(
    (one) => monitor.grantOf(one.grant?.refreshToken) === grant,
  );
  if (connection === undefined) return;
  const others = living.filter((one) => !monitor.holds(one) || !monitor.stored.has(one.number)).length + 1;
  const usedLater = living.some((one) => monitor.holds(one) && one.lastUsedAt > grant.lastUsedAt);
  if (others + (usedLater ? 1 : 0) >= monitor.world.books.switches.limit) return;
  monitor.breaks(
    '4 we never evict ourselves',
    `the stored grant of ${connection.id} is evicted by an authorization of ours, and only ${others} grants are nobody's or refused`,
  );
}
