/** `docs/errors.md`, made from the table that the code judges by. `npm run docs` writes it; a test holds them together. */
import {
  type Ask,
  classOf,
  type ErrorRow,
  errorTable,
  type FailureClass,
  unknownError,
  wordsOf,
} from '../../functions/core/error-table.ts';

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
    'One text may mean different things in answer to a code, to a refresh token, to an assertion (flow `jwt_bearer`) and to the client itself (`client_credentials`); where it does, it has a line for each. Without a browser nobody can authorize again, so nothing is *dead* there.',
    '',
    'Names of menus, tabs and fields are those of Salesforce Setup.',
    '',
    ...table(
      ['error', 'description', 'in answer to', 'class', 'what it means', 'who acts', 'what to do'],
      [...errorTable, unknownError].flatMap(linesOf),
    ),
    '',
  ].join('\n');
}

const asks: Readonly<Record<Ask, string>> = {
  code: 'a code',
  refresh: 'a refresh token',
  jwt_bearer: 'an assertion',
  client_credentials: 'the client',
};

/** One for each thing that it may mean. */
function linesOf(row: ErrorRow): string[][] {
  const meanings = new Map<string, { cells: string[]; asked: string[] }>();
  for (const [ask, name] of Object.entries(asks) as [Ask, string][]) {
    const { meaning, actor, remedy } = wordsOf(row, ask);
    const cells = [classOf(row, ask), meaning, actor, remedy];
    const same = meanings.get(cells.join()) ?? { cells, asked: [] };
    meanings.set(cells.join(), { cells, asked: [...same.asked, name] });
  }
  const unknown = row === unknownError;
  const error = unknown ? row.error : `\`${row.error}\``;
  const description = row.description ?? (unknown ? '' : '(any other)');
  return [...meanings.values()].map(({ cells, asked }) => {
    return [error, description, meanings.size === 1 ? 'any' : asked.join(', '), ...cells];
  });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (all: readonly string[]) => `| ${all.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
