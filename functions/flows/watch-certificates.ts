/**
 * Once an hour: when do the certificates end that Salesforce verifies our assertions with? Costs one write an hour for each
 * app, and what the key service asks for.
 */
import { decideCertificates } from '../core/certificate-expiry.ts';
import type { AppState } from '../core/circuit.ts';
import { AppMisconfiguredError } from '../core/errors.ts';
import { newId } from '../core/new-id.ts';
import type { CertificateEnd, Ports } from '../core/ports.ts';
import { change } from './change.ts';
import { createHourlyLook } from './hourly-look.ts';

export type CertificatePorts = Pick<Ports, 'config' | 'clock' | 'random' | 'store' | 'signingKeys' | 'log'>;

/** One for each process. */
export function createWatchCertificates(ports: CertificatePorts): () => Promise<void> {
  const apps = Object.entries(ports.config.apps).flatMap(([app, { flow }]) => (flow === 'jwt_bearer' ? [app] : []));
  return createHourlyLook(ports, {
    what: 'certificates',
    apps,
    lookedAt: ({ certificates }) => certificates?.lookedAt,
    look: (app, seen) => look(ports, app, seen),
  });
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
