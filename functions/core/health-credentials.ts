/** Findings on what an app proves itself with: is it refused, is its secret set and young, do its certificates end? */
import { noticesMs } from './certificate-expiry.ts';
import { counted } from './counted.ts';
import { appSettings } from './error-remedies.ts';
import { askOf, errorWords } from './error-table.ts';
import { failureWords } from './failure-words.ts';
import type { Finding } from './health.ts';
import { type AppFacts, days } from './health-facts.ts';
import { rfc3339 } from './rfc3339.ts';
import type { CertificateEnd } from './salesforce-ports.ts';

const dayMs = 24 * 3_600_000;

/** An open circuit: Salesforce refuses the app itself. */
export function refusedFindings({ app, config, state, now }: AppFacts): readonly Finding[] {
  if (state?.openUntil === undefined) return [];
  const { lastFailure, openedAt } = state;
  const words = lastFailure && errorWords(lastFailure.error, lastFailure.description, askOf(config.flow));
  return [
    {
      code: 'app_refused',
      severity: 'action',
      summary: `Salesforce refuses ${app} itself; none of its connections is refreshed until that is set right.`,
      evidence: [
        ...(openedAt === undefined
          ? []
          : [`Refused since ${rfc3339(openedAt)}, ${counted(state.failures, 'time')} in a row.`]),
        ...(lastFailure === undefined ? [] : [`${rfc3339(lastFailure.at)} ${failureWords(lastFailure)}`]),
        ...(words === undefined ? [] : [words.meaning]),
        // An app that nobody uses is asked about by nobody, and stays refused in our books.
        ...(state.openUntil > now
          ? []
          : ['Nobody asked since: the next refresh or connect tells whether it was set right.']),
      ],
      remedy: `${words?.remedy ?? "Compare the app's configuration and client secret with its settings in Salesforce Setup."} Every token is kept; nothing is to be authorized again.`,
      page: 'docs/errors.md',
    },
  ];
}

/** Seen by `maintain`, which looks at secrets and keeps when they were changed. */
export function clientSecretFindings(facts: AppFacts): readonly Finding[] {
  const { app, config, state, now } = facts;
  if (config.clientAuthentication !== 'secret' || state?.secret === undefined) return [];
  const { lookedAt, set, changedAt } = state.secret;
  const looked = `Looked at ${rfc3339(lookedAt)}.`;
  if (!set) {
    return [
      {
        code: 'client_secret_unset',
        severity: 'action',
        summary: `The client secret of ${app} is not set: nothing can be asked of Salesforce in its name.`,
        evidence: [`Secrets Manager holds the placeholder that the deployment put there. ${looked}`],
        remedy: `Copy the Consumer Secret (${appSettings} > Consumer Key and Secret) into the secret ${app}/client-secret of the stack by aws secretsmanager put-secret-value; README.md, Deploy, has the command.`,
        page: 'README.md',
      },
    ];
  }
  if (changedAt === undefined) return [];
  const age = now - changedAt;
  const isOld = age >= config.clientSecretMaxAgeDays * dayMs;
  return [
    {
      code: isOld ? 'client_secret_old' : 'client_secret_set',
      severity: isOld ? 'warning' : 'info',
      summary: `The client secret of ${app} is ${days(age)} old${isOld ? ', older than it should become' : ''}.`,
      evidence: [`Changed ${rfc3339(changedAt)}; its limit is ${config.clientSecretMaxAgeDays} days. ${looked}`],
      remedy: isOld
        ? `Stage a new secret (${appSettings} > Consumer Key and Secret), put it into Secrets Manager, and only then end the old one. Of a connected app, applying a staged secret is reported to revoke all tokens: ask Salesforce before.`
        : 'Nothing is to be done.',
    },
  ];
}

/** Of flow `jwt_bearer`, as `maintain` saw them within the hour. */
export function certificateFindings({ app, config, state, now }: AppFacts): readonly Finding[] {
  if (config.flow !== 'jwt_bearer' || state?.certificates === undefined) return [];
  const { ends, lookedAt } = state.certificates;
  if (ends.length > 0) return ends.flatMap((end) => endFinding(app, end, lookedAt, now));
  return [
    {
      code: 'signing_key_missing',
      severity: 'action',
      summary: `${app} has no signing key: it can assert nothing to Salesforce.`,
      evidence: [`No key was there at ${rfc3339(lookedAt)}.`],
      remedy: `Make one with npx grantkeeper signing-key ${app}, then upload the certificate: ${appSettings} > Flow Enablement > Enable JWT Bearer Flow.`,
      page: 'docs/runbooks/rotate-signing-key.md',
    },
  ];
}

function endFinding(app: string, { id, endsAt }: CertificateEnd, lookedAt: number, now: number): readonly Finding[] {
  const noticeMs = Math.max(...noticesMs);
  if (endsAt === undefined || endsAt - now > noticeMs) return [];
  const ended = endsAt <= now;
  return [
    {
      code: ended ? 'signing_certificate_ended' : 'signing_certificate_ending',
      severity: 'action',
      summary: ended
        ? `The certificate of signing key ${id} of ${app} has ended; Salesforce may refuse what it signs.`
        : `The certificate of signing key ${id} of ${app} ends in ${days(endsAt - now)}; Salesforce may refuse what it signs from then on.`,
      evidence: [`It ends at ${rfc3339(endsAt)}, as noted when it was made. Looked at ${rfc3339(lookedAt)}.`],
      remedy: `Write a new one with npx grantkeeper signing-key ${app} --key ${id} and upload it: ${appSettings} > Flow Enablement > Enable JWT Bearer Flow.`,
      page: 'docs/runbooks/rotate-signing-key.md',
    },
  ];
}
