/**
 * An alert as e-mail: a subject that tells it from others in a list, and a text that a person reads in one look. What
 * happened and what to do come first, the evidence after, where to look last.
 *
 * Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (`Subject`: printable ASCII, one line, up to 100)
 */
import type { Alert } from '../core/alert.ts';
import { printable } from '../core/printable.ts';

/** SNS refuses longer subjects, and such that are not printable ASCII. */
const maxSubjectLength = 100;

export function emailSubject({ severity, type, app, org_id: org }: Alert): string {
  const where = [app, org === '' ? '' : `org ${org}`].filter((part) => part !== '').join(', ');
  const subject = `[Grantkeeper] ${severity}: ${type.replaceAll('_', ' ')}${where === '' ? '' : ` (${where})`}`;
  const line = subject.replaceAll(/[^\x20-\x7e]+/g, ' ');
  return line.length <= maxSubjectLength ? line : `${line.slice(0, maxSubjectLength - 3)}...`;
}

export function emailText(alert: Alert): string {
  return [
    alert.summary,
    '',
    `What to do: ${alert.remedy}`,
    '',
    `Cause: ${alert.cause}`,
    ...alert.evidence.map((fact) => `  - ${fact}`),
    '',
    'Where to look:',
    ...placesToLook(alert).map((place) => `  - ${place}`),
    '',
    `App: ${alert.app || 'none in particular'}`,
    `Org: ${alert.org_id || 'none in particular'}`,
    `Connections: ${alert.connection_ids.join(', ') || 'none named'}`,
    ...Object.entries(alert.counts).map(([name, count]) => `${name}: ${count}`),
    `Since: ${alert.opened_at}`,
    `Severity: ${alert.severity}`,
    `Alert: ${alert.type}, id ${alert.id} (the same id again is the same alert)`,
  ]
    .map(printable)
    .join('\n');
}

/** Requests to our HTTP API, for its address and the console's are the deployer's own. */
export function placesToLook({ app, org_id: org, connection_ids: ids, type }: Alert): readonly string[] {
  const [only, ...others] = ids;
  const isWide = app === '' || type === 'invalid_grant_spike' || type === 'fleet_incident';
  // Of what is wider one connection shows nothing.
  if (!isWide && only !== undefined && others.length === 0) return [`GET /connections/${only}`];
  if (app !== '' && org !== '') return [`GET /connections?app=${app}&org_id=${org}`];
  if (app !== '') return [`GET /health, at the app ${app} (npx grantkeeper doctor)`];
  return ["GET /health (npx grantkeeper doctor), and the stack's dashboard in CloudWatch"];
}
