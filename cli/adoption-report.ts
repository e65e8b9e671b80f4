/** What `adopt-restore` says in the end: of how many connections what became, and what is to be done now. */
import type { WhyKept, WhyMarked } from '../functions/core/adopt.ts';
import type { AdoptRestoreOptions } from './adopt-restore-line.ts';
import type { Original } from './find-original.ts';

export type Counts = Partial<Record<WhyMarked | WhyKept | 'disconnected' | 'marked_before', number>>;

/** Connections that the copy knows nothing of. */
export interface Lost {
  readonly count: number;
  /** Some of them. */
  readonly ids: readonly string[];
}

export function adoptionReport(
  options: AdoptRestoreOptions,
  original: Original,
  counts: Counts,
  lost: Lost | undefined,
): string[] {
  return [...said(original, counts, lost), '', ...next(options)];
}

const markedWords: Readonly<Record<WhyMarked, string>> = {
  refreshed: 'refreshed since, with rotation',
  reauthorized: 'authorized again since',
  missing: 'not in the table that is named as the original',
  due: 'were due since, and rotate or may rotate',
};
const keptWords: Readonly<Record<WhyKept, string>> = {
  no_refresh_token: 'hold no refresh token',
  not_rotating: 'do not rotate',
  as_it_was: 'hold their newest token',
  only_here: 'are not in the original, so nobody has newer tokens of them',
  not_due: 'were not due since',
  dead_already: 'needed an authorization before',
};

function said(original: Original, counts: Counts, lost: Lost | undefined): string[] {
  const list = <Why extends WhyMarked | WhyKept>(words: Readonly<Record<Why, string>>) =>
    (Object.entries(words) as [Why, string][]).flatMap(([why, text]) =>
      counts[why] === undefined ? [] : [`  ${counts[why]} ${text}`],
    );
  const before = counts.marked_before === undefined ? [] : [`  ${counts.marked_before} marked by an earlier run`];
  return [
    comparison(original),
    'To be authorized again (reauthorization_required, restored_backup):',
    ...orNone([...list(markedWords), ...before]),
    'Go on as they are:',
    ...orNone(list(keptWords)),
    ...(counts.disconnected === undefined
      ? []
      : ['Disconnected there since, and so disconnected here:', `  ${counts.disconnected}`]),
    ...(lost === undefined || lost.count === 0
      ? []
      : ['Only in the original, made since; whoever uses them must connect anew:', ...lostLines(lost)]),
  ];
}

function lostLines({ count, ids }: Lost): string[] {
  const more = count - ids.length;
  return [...ids.map((id) => `  ${id}`), ...(more === 0 ? [] : [`  and ${more} more`])];
}

function comparison(original: Original): string {
  switch (original.kind) {
    case 'stands':
      return `Compared with ${original.table.name}, connection by connection.`;
    case 'waiting':
      return `${original.why} Nothing is newer there.`;
    case 'gone':
    case 'out_of_reach':
      return `${original.why} Not compared: what may have been refreshed since counts as refreshed, so some may be marked without need.`;
  }
}

function orNone(lines: string[]): string[] {
  return lines.length === 0 ? ['  none'] : lines;
}

function next({ table, dryRun }: AdoptRestoreOptions): string[] {
  if (dryRun) return ['Nothing was written: --dry-run. Run it without to adopt the table.'];
  return [
    `${table} is adopted: what runs on it goes on within a minute.`,
    'Next: GET /connections?app=APP&status=reauthorization_required names those to be authorized again;',
    'send each of their users a link: POST /connect-sessions with connection_id.',
  ];
}
