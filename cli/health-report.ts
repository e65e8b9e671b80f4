/** Health in words, for a terminal: the verdict first, then what needs a person with what to do, then the rest. */

import { printable } from '../functions/core/printable.ts';
import { backlogAtLeast } from '../functions/flows/watch-backlog.ts';
import type { HealthAnswer } from './health-answer.ts';

type Incident = HealthAnswer['incidents'][number];
type AppHealth = HealthAnswer['apps'][number];
type Counts = HealthAnswer['connections'];

interface Point {
  readonly title: string;
  readonly evidence: readonly string[];
  readonly remedy: string;
  readonly page?: string | undefined;
}

const width = 110;

export function healthReport(health: HealthAnswer, url: URL): readonly string[] {
  const urgent = urgentPoints(health);
  const lines = [
    verdictOf(health, urgent.length),
    `${url.origin}, ${health.checked_at}. ${countsText(health.connections)}${overdueText(health)}`,
    ...section('Needs a person', urgent.flatMap(inFull)),
    ...section('Worth a look', lesserPoints(health).flatMap(inFull)),
    ...section('Over since less than a day', health.incidents.filter(isOver).map(overLine)),
    ...section('Apps', health.apps.flatMap(appLines)),
  ];
  return lines.flatMap((line) => wrapped(printable(line)));
}

function verdictOf({ status, connections }: HealthAnswer, points: number): string {
  if (status === 'attention') return `NEEDS A PERSON: ${points === 1 ? 'one thing' : `${points} things`} to do.`;
  return connections.total === 0
    ? 'OK: nothing needs a person; nothing is connected yet.'
    : 'OK: nothing needs a person.';
}

function urgentPoints(health: HealthAnswer): readonly Point[] {
  const { overdue, incidents, apps } = health;
  const backlog = incidents.some(({ type }) => type === 'refresh_backlog');
  return [
    ...incidents.filter((one) => !isOver(one) && one.severity === 'critical').map(incidentPoint),
    ...(overdue.count >= backlogAtLeast && !backlog ? [overduePoint(health)] : []),
    ...apps.flatMap((app) => pointsOf(app, 'action')),
  ];
}

function lesserPoints({ incidents, apps }: HealthAnswer): readonly Point[] {
  return [
    ...incidents.filter((one) => !isOver(one) && one.severity !== 'critical').map(incidentPoint),
    ...apps.flatMap((app) => pointsOf(app, 'warning')),
  ];
}

/** Nobody opens its incident while `maintain` does not run either. */
function overduePoint({ overdue }: HealthAnswer): Point {
  return {
    title: `${atLeast(overdue)} refreshes are overdue, the oldest since ${overdue.oldest_due_at}.`,
    evidence: ['They were due a quarter of an hour ago, and were not even tried.'],
    remedy:
      'Look at the functions schedule-refreshes and refresh: their errors, their throttles and concurrency, and the refresh queue with its dead letters.',
  };
}

function incidentPoint({ type, cause, opened_at, summary, evidence, connection_ids, remedy }: Incident): Point {
  const named = connection_ids.length === 0 ? [] : [`Among them: ${connection_ids.join(', ')}`];
  return {
    title: `${summary} (${type}, ${cause}, since ${opened_at})`,
    evidence: [...evidence, ...named],
    remedy,
  };
}

function pointsOf({ app, findings }: AppHealth, severity: 'action' | 'warning'): readonly Point[] {
  return findings
    .filter((finding) => finding.severity === severity)
    .map(({ summary, evidence, remedy, page }) => ({ title: `${app}: ${summary}`, evidence, remedy, page }));
}

function inFull({ title, evidence, remedy, page }: Point): readonly string[] {
  return [
    `  * ${title}`,
    ...evidence.map((line) => `      ${line}`),
    `      To do: ${remedy}`,
    ...(page === undefined ? [] : [`      See ${page}`]),
  ];
}

function overLine({ type, cause, opened_at, resolved_at, summary }: Incident): string {
  return `  * ${summary} (${type}, ${cause}, ${opened_at} to ${resolved_at})`;
}

/** With what is known of it and needs nobody. */
function appLines({ app, flow, purpose, connections, findings }: AppHealth): readonly string[] {
  const known = findings.filter(({ severity }) => severity === 'info');
  return [
    `  ${app} (${flow}, ${purpose}): ${countsText(connections)}`,
    ...known.map(
      ({ summary, evidence }) => `    - ${summary}${evidence.length === 0 ? '' : ` [${evidence.join(' ')}]`}`,
    ),
  ];
}

function countsText({ total, complete, by_status }: Counts): string {
  if (total === 0) return 'No connection.';
  const parts = [
    `${by_status.active} active`,
    ...some(by_status.reauthorization_required, 'to be authorized again'),
    ...some(by_status.admin_action_required, 'waiting for an administrator'),
    ...some(by_status.disconnected, 'disconnected'),
  ];
  return `${complete ? '' : 'More than '}${total} ${total === 1 ? 'connection' : 'connections'}: ${parts.join(', ')}.`;
}

function some(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}

function overdueText({ overdue }: HealthAnswer): string {
  if (overdue.count === 0) return '';
  return ` ${atLeast(overdue)} ${overdue.count === 1 ? 'refresh is' : 'refreshes are'} overdue, the oldest since ${overdue.oldest_due_at}.`;
}

function atLeast({ count, complete }: HealthAnswer['overdue']): string {
  return complete ? String(count) : `${count} or more`;
}

function isOver({ resolved_at }: Incident): boolean {
  return resolved_at !== undefined;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

/** At spaces, what follows as far in as the line began; a longer word stays whole. */
function wrapped(line: string): readonly string[] {
  const indent = /^ *(?:[*-] )?/.exec(line)?.[0].replace(/[*-]/, ' ') ?? '';
  const lines: string[] = [];
  let current = '';
  for (const word of line.slice(indent.length).split(' ')) {
    const next = current === '' ? word : `${current} ${word}`;
    if (current !== '' && indent.length + next.length > width) {
      lines.push(current);
      current = word;
    } else current = next;
  }
  lines.push(current);
  return lines.map((text, index) => `${index === 0 ? line.slice(0, indent.length) : indent}${text}`);
}
