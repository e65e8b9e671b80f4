/** The command line of `npx grantkeeper data-keys`. */
import { parseArgs } from 'node:util';
import { tableNamePattern } from '../functions/adapters/dynamodb/table-name.ts';
import { orgIdPattern } from '../functions/core/ids.ts';

const dataKeysActs = ['show', 'rotate', 'prune', 'forget'] as const;

export interface DataKeysOptions {
  readonly act: (typeof dataKeysActs)[number];
  readonly table: string;
  /** Of 18 characters. */
  readonly org: string;
  /** Of `rotate`: the KMS key that wraps data keys. */
  readonly kmsKey?: string;
  /** Of `forget`: it is meant. */
  readonly yes: boolean;
}

export type DataKeysLine =
  | { readonly kind: 'data-keys'; readonly options: DataKeysOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string; readonly exitCode: 1 };

export const dataKeysUsage = `Usage: npx grantkeeper data-keys show|rotate|prune|forget --table NAME --org ID [options]

The data keys under which the tokens of one org are sealed.

  show                   Which there are, and how many tokens lie under each.
  rotate                 Make new ones. Tokens are sealed anew by their next refresh; older ones open until then.
  prune                  Delete those that were followed, once nothing lies under them.
  forget                 Delete all of them, and every token of the org: nobody can open them any more.

  --table NAME           The table of the stack (output TableName).
  --org ID               The org, 18 characters.
  --kms-key ARN          Of rotate: the key that wraps data keys (dataKeyArn of output Adopt).
  --yes                  Of forget: do it. Without, it only says what it would do.
  --help                 This text.

docs/runbooks/rotate-data-keys.md and forget-an-org.md have both step by step.
`;

export function parseDataKeys(args: readonly string[]): DataKeysLine {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return wrong(`${(error as Error).message.split('. ')[0]}.`);
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { kind: 'help' };
  const [given, surplus] = positionals;
  const act = dataKeysActs.find((one) => one === given);
  if (act === undefined) return wrong(`data-keys needs one of ${dataKeysActs.join(', ')}; got ${quoted(given)}.`);
  if (surplus !== undefined) return wrong(`data-keys takes one act; got ${quoted(surplus)} besides.`);
  const { table, org, 'kms-key': kmsKey, yes = false } = values;
  if (table === undefined || !tableNamePattern.test(table))
    return wrong(`--table must be the name of a table; got ${quoted(table)}.`);
  if (org === undefined || !orgIdPattern.test(org)) {
    return wrong(`--org must be the id of an org, 18 characters that begin with 00D; got ${quoted(org)}.`);
  }
  const fitting = withSuffix(org.slice(0, 15));
  // An id of no org would read as an org that is forgotten already.
  if (org !== fitting) {
    return wrong(
      `--org ${quoted(org)} is no id: its last three characters say which of the others are capitals, and would be ${fitting.slice(15)}. Copy it as a whole.`,
    );
  }
  if ((act === 'rotate') !== (kmsKey !== undefined)) {
    return wrong(act === 'rotate' ? 'rotate needs --kms-key.' : `${act} takes no --kms-key.`);
  }
  if (kmsKey?.trim() === '') return wrong('--kms-key is empty.');
  if (yes && act !== 'forget') return wrong(`${act} takes no --yes.`);
  return { kind: 'data-keys', options: { act, table, org, kmsKey, yes } };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      table: { type: 'string' },
      org: { type: 'string' },
      'kms-key': { type: 'string' },
      yes: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

/** Each of the last three stands for five characters: which of them are capitals. Source: Salesforce, 18-character ids. */
function withSuffix(id15: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
  const suffix = [0, 5, 10].map((start) => {
    const bits = [...id15.slice(start, start + 5)].map((letter, place) => (/[A-Z]/.test(letter) ? 1 << place : 0));
    return alphabet.charAt(bits.reduce((sum, bit) => sum + bit, 0));
  });
  return id15 + suffix.join('');
}

function quoted(value: string | undefined): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}

function wrong(message: string): DataKeysLine {
  return { kind: 'wrong', message, exitCode: 1 };
}
