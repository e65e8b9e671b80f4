/**
 * A client secret that was not changed for long is alerted once for every value, 48 hours before the age that the
 * configuration allows. What was seen is kept in the app's item, with the alert as a duty in the same write, so a death in
 * between neither loses an alert nor repeats one; a secret that was changed before takes an unpublished one back.
 */
import type { AppState } from './circuit.ts';
import { closedState } from './circuit.ts';
import type { AppConfig } from './config.ts';
import type { AlertDuty, Duty } from './duty.ts';
import type { SecretAge } from './salesforce-ports.ts';

const clientSecretOld = 'client_secret_old';

/** What was last seen of an app's client secret. Times are milliseconds since the epoch. */
export interface SecretState extends SecretAge {
  readonly lookedAt: number;
  /** The last alert. */
  readonly alerted?: SecretAlert;
}

export interface SecretAlert {
  /** Of the duty: stable, and the same whoever writes it. */
  readonly alertId: string;
  /** Of the value that it is of. */
  readonly changedAt: number;
  /** When it reaches the age that the configuration allowed then. */
  readonly oldAt: number;
}

const dayMs = 24 * 3_600_000;
const noticeMs = 2 * dayMs;

export function decideSecretAge(
  state: AppState | undefined,
  app: string,
  { set, changedAt }: SecretAge,
  maxAgeDays: number,
  now: number,
): AppState {
  const before = state ?? closedState(app);
  const known = before.secret?.alerted;
  const current = known !== undefined && set && known.changedAt === changedAt ? known : undefined;
  const alerted = current ?? dueAlert(app, { set, changedAt }, maxAgeDays, now);
  const duties: Record<string, Duty> = { ...before.duties };
  if (known !== undefined && current === undefined) delete duties[`alert.${known.alertId}`];
  if (alerted !== undefined && current === undefined) duties[`alert.${alerted.alertId}`] = dutyOf(alerted, now);
  return { ...before, secret: { lookedAt: now, set, changedAt, alerted }, duties };
}

/** An assertion is the client's authentication already. */
export function hasClientSecret(app: Pick<AppConfig, 'clientAuthentication' | 'flow'> | undefined): boolean {
  return app?.clientAuthentication === 'secret' && app.flow !== 'jwt_bearer';
}

function dueAlert(
  app: string,
  { set, changedAt }: SecretAge,
  maxAgeDays: number,
  now: number,
): SecretAlert | undefined {
  if (!set || changedAt === undefined) return undefined;
  const oldAt = changedAt + maxAgeDays * dayMs;
  return now < oldAt - noticeMs ? undefined : { alertId: `${app}.client-secret.${changedAt}`, changedAt, oldAt };
}

function dutyOf({ alertId }: SecretAlert, now: number): AlertDuty {
  const cause = clientSecretOld;
  return { kind: 'alert', alertId, type: 'expiry_approaching', cause, since: now, dueAt: now, tries: 0 };
}
