/** Once an hour: is each app's client secret set, and how old is it? Costs one write an hour for each app. */
import type { AppState } from '../core/circuit.ts';
import { AppMisconfiguredError } from '../core/errors.ts';
import { newId } from '../core/new-id.ts';
import type { Ports, SecretAge } from '../core/ports.ts';
import { decideSecretAge, hasClientSecret } from '../core/secret-age.ts';
import { change } from './change.ts';
import { createHourlyLook } from './hourly-look.ts';

export type SecretAgePorts = Pick<Ports, 'config' | 'clock' | 'random' | 'store' | 'secretAges' | 'log'>;

/** One for each process. */
export function createWatchSecrets(ports: SecretAgePorts): () => Promise<void> {
  return createHourlyLook(ports, {
    what: 'client secret',
    apps: Object.entries(ports.config.apps).flatMap(([name, app]) => (hasClientSecret(app) ? [name] : [])),
    lookedAt: ({ secret }) => secret?.lookedAt,
    look: (app, seen) => look(ports, app, seen),
  });
}

async function look(ports: SecretAgePorts, app: string, seen: AppState | undefined): Promise<void> {
  const age = await ageOf(ports, app);
  const maxAgeDays = ports.config.apps[app]?.clientSecretMaxAgeDays ?? Number.POSITIVE_INFINITY;
  await change<string, AppState, undefined>(
    ports.store.apps,
    app,
    (current) => ({ write: decideSecretAge(current, app, age, maxAgeDays, ports.clock.now()), result: undefined }),
    { writeId: `${newId(ports.random)}.secret`, ...(seen === undefined ? {} : { seen }) },
  );
}

async function ageOf({ secretAges, log }: SecretAgePorts, app: string): Promise<SecretAge> {
  try {
    return await secretAges.of(app);
  } catch (error) {
    if (!(error instanceof AppMisconfiguredError)) throw error;
    // Whoever asks for a token by it is told what to do.
    log.warn('The app has no client secret.', { app, error });
    return { set: false };
  }
}
