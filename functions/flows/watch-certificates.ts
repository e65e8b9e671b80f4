/**
 * Once an hour: when do the certificates end that Salesforce verifies our assertions with? The first process to look keeps
 * what it saw in the app's item, and the others believe it. Costs one read an hour for each process and app, one write an
 * hour for each app, and what the key service asks for.
 */
import { decideCertificates } from '../core/certificate-expiry.ts';
import type { AppState } from '../core/circuit.ts';
import { AppMisconfiguredError } from '../core/errors.ts';
import { newId } from '../core/new-id.ts';
import type { CertificateEnd, Ports } from '../core/ports.ts';
import { change } from './change.ts';

export type CertificatePorts = Pick<Ports, 'config' | 'clock' | 'random' | 'store' | 'signingKeys' | 'log'>;

export const lookEveryMs = 3_600_000;
/** After a failure of the key service or the store. */
const lookAgainMs = 600_000;

/** One for each process: it remembers when to look next. */
export function createWatchCertificates(ports: CertificatePorts): () => Promise<void> {
  const nextLookAt = new Map<string, number>();

  async function watch(app: string): Promise<void> {
    const now = ports.clock.now();
    if ((nextLookAt.get(app) ?? 0) > now) return;
    nextLookAt.set(app, now + lookAgainMs);
    const seen = await ports.store.apps.read(app);
    const lookedAt = seen?.certificates?.lookedAt;
    if (lookedAt === undefined || lookedAt + lookEveryMs <= now) await look(ports, app, seen);
    nextLookAt.set(app, (lookedAt !== undefined && lookedAt + lookEveryMs > now ? lookedAt : now) + lookEveryMs);
  }

  return async () => {
    const apps = Object.entries(ports.config.apps).filter(([, { flow }]) => flow === 'jwt_bearer');
    for (const [app] of apps) {
      try {
        await watch(app);
      } catch (error) {
        // One app's keys must not keep the others' from being looked at.
        ports.log.error('The certificates of an app could not be looked at.', { app, error });
      }
    }
  };
}

async function look(ports: CertificatePorts, app: string, seen: AppState | undefined): Promise<void> {
  const ends = await endsOf(ports, app);
  await change<string, AppState, undefined>(
    ports.store.apps,
    app,
    (current) => ({ write: decideCertificates(current, app, ends, ports.clock.now()), result: undefined }),
    { writeId: `${newId(ports.random)}.certificates`, ...(seen === undefined ? {} : { seen }) },
  );
}

async function endsOf({ signingKeys, log }: CertificatePorts, app: string): Promise<readonly CertificateEnd[]> {
  try {
    const ends = await signingKeys.certificateEnds(app);
    return ends.map(({ id, endsAt }) => (endsAt === undefined ? { id } : { id, endsAt }));
  } catch (error) {
    if (!(error instanceof AppMisconfiguredError)) throw error;
    // Whoever asks for a token by it is told what to do.
    log.warn('The app has no signing key.', { app, error });
    return [];
  }
}
