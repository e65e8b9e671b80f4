/**
 * Looks at something of each app once an hour. The first process to look keeps what it saw in the app's item, and the others
 * believe it: one read an hour for each process and app, and one look for each app.
 */
import type { AppState } from '../core/circuit.ts';
import type { Ports } from '../core/ports.ts';

export interface HourlyLook {
  /** For the log: `The <what> of an app could not be looked at.` */
  readonly what: string;
  readonly apps: readonly string[];
  lookedAt(state: AppState): number | undefined;
  look(app: string, seen: AppState | undefined): Promise<void>;
}

export const lookEveryMs = 3_600_000;
/** After a failure of what is asked, or of the store. */
const lookAgainMs = 600_000;

/** One for each process: it remembers when to look next. */
export function createHourlyLook(
  ports: Pick<Ports, 'clock' | 'store' | 'log'>,
  { what, apps, lookedAt, look }: HourlyLook,
): () => Promise<void> {
  const nextLookAt = new Map<string, number>();

  async function watch(app: string): Promise<void> {
    const now = ports.clock.now();
    if ((nextLookAt.get(app) ?? 0) > now) return;
    nextLookAt.set(app, now + lookAgainMs);
    const seen = await ports.store.apps.read(app);
    const before = seen && lookedAt(seen);
    const fresh = before !== undefined && before + lookEveryMs > now;
    if (!fresh) await look(app, seen);
    nextLookAt.set(app, (fresh ? before : now) + lookEveryMs);
  }

  return async () => {
    for (const app of apps) {
      try {
        await watch(app);
      } catch (error) {
        // One app must not keep the others from being looked at.
        ports.log.error(`The ${what} of an app could not be looked at.`, { app, error });
      }
    }
  };
}
