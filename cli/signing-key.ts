/**
 * `npx grantkeeper signing-key APP`: makes the key that signs an app's assertions, writes the certificate that Salesforce
 * verifies them with, retires a key that another replaced. Every step can be repeated after a failure.
 */
import type { AppConfig, GrantkeeperConfig } from '../functions/core/config.ts';
import { rfc3339 } from '../functions/core/rfc3339.ts';
import { selfSigned } from './certificate.ts';
import { requireCertificatePath, writeCertificate } from './certificate-file.ts';
import { CommandError } from './command-error.ts';
import type { SigningKeyOptions } from './command-line.ts';
import type { HeldKey, KeyRing } from './key-ring.ts';
import { afterCertificate, afterRetirement, afterRotation } from './next-steps.ts';
import { planOf } from './plan.ts';
import { type TryWorld, tryKeys } from './try-keys.ts';

export interface SigningKeyWorld extends TryWorld {
  readonly config: GrantkeeperConfig;
  ringOf(app: AppConfig): KeyRing;
}

export interface Report {
  readonly lines: readonly string[];
  /** The exit code is 0. */
  readonly good: boolean;
}

/** Throws `CommandError` where the person must mend something, and what the AWS SDK throws. */
export async function signingKey(options: SigningKeyOptions, world: SigningKeyWorld): Promise<Report> {
  const app = signingApp(options, world.config);
  const ring = world.ringOf(app);
  const keys = await ring.keys();
  if (options.try !== undefined) return tryKeys({ ...options, username: options.try }, app, keys, world);
  const plan = planOf(options, keys, world.now());
  switch (plan.kind) {
    case 'refuse':
      throw new CommandError(plan.message);
    case 'retire':
      return { good: true, lines: [...(await ring.retire(plan.id)), '', ...afterRetirement(app, plan.id)] };
    case 'make':
    case 'certify': {
      const file = options.out ?? `${options.app}-${plan.id}.crt`;
      requireCertificatePath(file);
      const key = plan.kind === 'make' ? await ring.make(plan.id) : keys.find(({ id }) => id === plan.id);
      if (key === undefined) throw new Error(`The plan names key ${plan.id}, which is not there.`);
      const lines = await certify(options, key, file, world.now());
      const next = options.rotate ? afterRotation(options, app, file, plan.id) : afterCertificate(app, file);
      return { good: true, lines: [...lines, '', ...next] };
    }
  }
}

function signingApp({ app: name, config: file }: SigningKeyOptions, { apps }: GrantkeeperConfig): AppConfig {
  const app = Object.hasOwn(apps, name) ? apps[name] : undefined;
  if (app === undefined) throw new CommandError(`${file} has no app ${name}; it has ${Object.keys(apps).join(', ')}.`);
  if (app.flow === 'jwt_bearer') return app;
  throw new CommandError(
    `The app ${name} has flow ${app.flow}, which signs nothing. Set apps.${name}.flow to 'jwt_bearer' in ${file} first.`,
  );
}

async function certify(
  { app, days }: SigningKeyOptions,
  key: HeldKey,
  file: string,
  now: number,
): Promise<readonly string[]> {
  const { pem, endsAt } = await selfSigned({ name: app, key, now, days });
  writeCertificate(file, pem);
  await key.noteCertificateEnd(endsAt);
  return [`Key ${key.id} of ${app}: ${key.place}`, `Its certificate, good until ${rfc3339(endsAt)}: ${file}`];
}
