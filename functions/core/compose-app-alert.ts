/** An alert of an app, composed from its duty: what happened to it, and what the operator must set right. */
import type { Alert } from './alert.ts';
import { alertFrame } from './alert-frame.ts';
import { alertWords, expiryWords } from './alert-words.ts';
import { type CertificateAlert, noticesMs } from './certificate-expiry.ts';
import type { AppState } from './circuit.ts';
import type { Flow } from './connection.ts';
import { inWords } from './duration-words.ts';
import type { AlertDuty } from './duty.ts';
import { askOf, errorRow, unknownError, wordsOf } from './error-table.ts';
import { failureWords } from './failure-words.ts';
import { rfc3339 } from './rfc3339.ts';
import type { SecretAlert } from './secret-age.ts';

/** @param flow the app's; what Salesforce refuses is mended in another place with each */
export function composeAppAlert(state: AppState, duty: AlertDuty, flow: Flow): Alert {
  return { ...alertFrame(duty, { app: state.id }), ...toldOf(state, duty, flow) };
}

function toldOf(state: AppState, duty: AlertDuty, flow: Flow): Told {
  const certificate = state.certificates?.alerted.find(({ alertId }) => alertId === duty.alertId);
  if (certificate !== undefined) return ofCertificate(state, duty, certificate);
  const secret = state.secret?.alerted;
  return secret?.alertId === duty.alertId ? ofSecret(state, duty, secret) : ofRefusal(state, duty, flow);
}

type Told = Pick<Alert, 'severity' | 'summary' | 'evidence' | 'remedy' | 'counts'>;

function ofRefusal({ id: app, lastFailure }: AppState, duty: AlertDuty, flow: Flow): Told {
  const { severity, summary, remedy } = alertWords[duty.type];
  const row = lastFailure === undefined ? unknownError : errorRow(lastFailure.error, lastFailure.description);
  const words = wordsOf(row, askOf(flow));
  return {
    severity,
    summary: `${app}: ${summary}`,
    evidence:
      lastFailure === undefined ? [] : [`${rfc3339(lastFailure.at)} ${failureWords(lastFailure)}`, words.meaning],
    remedy: row === unknownError ? remedy : `${words.remedy} Every token is kept; nothing is to be authorized again.`,
    counts: { refusals: 1 },
  };
}

const hourMs = 3_600_000;

function ofCertificate(
  { id: app }: AppState,
  { since }: AlertDuty,
  { keyId, endsAt, noticeMs }: CertificateAlert,
): Told {
  const { severity, remedy } = expiryWords.signing_certificate_ends;
  const hoursLeft = Math.max(0, Math.floor((endsAt - since) / hourMs));
  const ends = endsAt <= since ? 'ended' : 'ends';
  const left = inWords(endsAt - since);
  return {
    severity: noticeMs === noticesMs[0] ? 'critical' : severity,
    summary: `${app}: the certificate of signing key ${keyId} ${ends} at ${rfc3339(endsAt)}; from then on Salesforce may refuse what it signs.`,
    evidence: [`Of key ${keyId} of ${app}, ${left} were left when this was noticed, at ${rfc3339(since)}.`],
    remedy: remedy.replace('signing-key APP', `signing-key ${app}`),
    counts: { hours_left: hoursLeft },
  };
}

function ofSecret({ id: app }: AppState, { since }: AlertDuty, { changedAt, oldAt }: SecretAlert): Told {
  const { severity, summary, remedy } = expiryWords.client_secret_old;
  const allowed = inWords(oldAt - changedAt);
  return {
    severity,
    summary: `${app}: ${summary}`,
    evidence: [
      `The client secret was changed at ${rfc3339(changedAt)}, ${inWords(since - changedAt)} before this was noticed.`,
      `The configuration allows ${allowed} (apps.${app}.clientSecretMaxAgeDays): until ${rfc3339(oldAt)}.`,
    ],
    remedy,
    counts: { days_old: Math.floor((since - changedAt) / (24 * hourMs)) },
  };
}
