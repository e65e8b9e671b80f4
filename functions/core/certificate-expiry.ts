/**
 * The end of a signing certificate is alerted twice, 14 days and 48 hours before: once each for every certificate. What was
 * alerted is kept in the app's item, with the alert as a duty in the same write, so a death in between neither loses an
 * alert nor repeats one. A certificate that was found late gets the more urgent alert only.
 */
import type { AppState } from './circuit.ts';
import { closedState } from './circuit.ts';
import type { AlertDuty, Duty } from './duty.ts';
import type { CertificateEnd } from './salesforce-ports.ts';

/** What was last seen of an app's signing certificates. Times are milliseconds since the epoch. */
export interface CertificateState {
  readonly lookedAt: number;
  /** One for each key, as they were then. */
  readonly ends: readonly CertificateEnd[];
  readonly alerted: readonly CertificateAlert[];
}

export interface CertificateAlert {
  /** Of the duty: stable, and the same whoever writes it. */
  readonly alertId: string;
  readonly keyId: string;
  /** A renewed certificate of the same key has another end. */
  readonly endsAt: number;
  /** How long before the end it is given. */
  readonly noticeMs: number;
}

const hourMs = 3_600_000;
/** The most urgent first. */
export const noticesMs: readonly number[] = [48 * hourMs, 14 * 24 * hourMs];
/** A key that is not listed may be listed again; when its certificate has ended for so long, nobody asks any more. */
const rememberedMs = 30 * 24 * hourMs;
const alertedAtMost = 16;

/** @param ends one for each key of the app; none where it has no key */
export function decideCertificates(
  state: AppState | undefined,
  app: string,
  ends: readonly CertificateEnd[],
  now: number,
): AppState {
  const before = state ?? closedState(app);
  const remembered = (before.certificates?.alerted ?? []).filter((alert) => isRemembered(alert, before, ends, now));
  const fresh = ends.flatMap((end) => dueAlert(end, app, remembered, now));
  const duties: Record<string, Duty> = { ...before.duties };
  for (const { alertId } of fresh) duties[`alert.${alertId}`] = dutyOf(alertId, now);
  return {
    ...before,
    certificates: { lookedAt: now, ends, alerted: [...remembered, ...fresh].slice(-alertedAtMost) },
    duties,
  };
}

function dueAlert(
  { id, endsAt }: CertificateEnd,
  app: string,
  alerted: readonly CertificateAlert[],
  now: number,
): readonly CertificateAlert[] {
  if (endsAt === undefined) return [];
  const noticeMs = noticesMs.find((notice) => endsAt - now <= notice);
  if (noticeMs === undefined) return [];
  const known = alerted.some((one) => one.keyId === id && one.endsAt === endsAt && one.noticeMs <= noticeMs);
  if (known) return [];
  return [{ alertId: `${app}.certificate-${id}.${endsAt}.${noticeMs / hourMs}h`, keyId: id, endsAt, noticeMs }];
}

/** Still listed, still to be published, or ended not long ago. */
function isRemembered(
  { alertId, keyId, endsAt }: CertificateAlert,
  { duties }: AppState,
  ends: readonly CertificateEnd[],
  now: number,
): boolean {
  if (now - endsAt < rememberedMs || duties[`alert.${alertId}`] !== undefined) return true;
  return ends.some((end) => end.id === keyId && end.endsAt === endsAt);
}

function dutyOf(alertId: string, now: number): AlertDuty {
  return {
    kind: 'alert',
    alertId,
    type: 'expiry_approaching',
    cause: 'signing_certificate_ends',
    since: now,
    dueAt: now,
    tries: 0,
  };
}
