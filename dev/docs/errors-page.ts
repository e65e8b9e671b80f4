/** `docs/errors.md`, made from the table that the code judges by. `npm run docs` writes it; a test holds them together. */
import { type ErrorRow, errorTable, type FailureClass, unknownError } from '../../functions/core/error-table.ts';

const classes: Readonly<Record<FailureClass, string>> = {
  dead: 'The user must authorize again. Believed the second time, five seconds later or more: `reauthorization_required`.',
  admin:
    "The org's administrator must change something; the token may survive. `admin_action_required`, tried hourly, then daily.",
  operator: "Our app's configuration or key is wrong; the token survives. Tried again with growing pauses.",
  transient: 'Tried again with growing pauses, an hour at most.',
  busy: 'Another refresh of the same token is in flight: tried again soon.',
  bug: 'Our request was malformed: tried again with growing pauses, and logged.',
  unknown: 'Not in the table: acts as transient, and never costs a token.',
};

export function errorsPage(): string {
  return [
    '# Errors of the token endpoint',
    '',
    '<!-- Made from functions/core/error-table.ts by `npm run docs`. -->',
    '',
    'Salesforce answers errors with HTTP 400, so the body is judged: `error` first, then the exact `error_description`s that are known, without regard to case. HTTP 429 is transient whatever the body says; a 5xx, an HTML page, a reset or a timeout is no answer at all, and leaves the attempt open.',
    '',
    ...table(['class', 'what follows'], Object.entries(classes)),
    '',
    ...table(
      ['error', 'description', 'class', 'what it means', 'who acts', 'what to do'],
      [...errorTable.map(cells), cells(unknownError)],
    ),
    '',
  ].join('\n');
}

function cells(row: ErrorRow): string[] {
  const known = row === unknownError;
  return [
    known ? row.error : `\`${row.error}\``,
    row.description ?? (known ? '' : '(any other)'),
    typeof row.class === 'string' ? row.class : `${row.class.code} on a code, ${row.class.refresh} on a refresh`,
    row.meaning,
    row.actor,
    row.remedy,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (all: readonly string[]) => `| ${all.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
