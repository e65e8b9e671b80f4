/** The command line of `npx grantkeeper adopt-restore`. */
import { parseArgs } from 'node:util';
import { tableNamePattern } from '../functions/adapters/dynamodb/table-name.ts';

export interface AdoptRestoreOptions {
  /** The copy. */
  readonly table: string;
  /** What it was made of. @default what the copy says */
  readonly original?: string;
  /** The moment of the copy, milliseconds since the epoch. @default what DynamoDB says of the restore */
  readonly restoredTo?: number;
  /** Stop whatever runs on the original, for good. */
  readonly retireOriginal: boolean;
  /** Somebody knows that nothing runs on the original, which cannot be seen from here. */
  readonly originalStopped: boolean;
  readonly dryRun: boolean;
}

export type AdoptRestoreLine =
  | { readonly kind: 'adopt-restore'; readonly options: AdoptRestoreOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string; readonly exitCode: 1 };

export const adoptRestoreUsage = `Usage: npx grantkeeper adopt-restore --table NAME [options]

Takes a restored table into use. Until then nothing is refreshed, authorized or revoked with what it holds. Connections
whose tokens were replaced since the copy was made are marked reauthorization_required (restored_backup). Run again, it
goes on where it broke off.

  --table NAME           The copy.
  --original NAME        The table that it was made of, in the same region. Default: what the copy says.
  --restored-to TIME     The moment of the copy, for example 2026-03-01T12:00:00Z. Needed where the original is gone and
                         DynamoDB does not say it.
  --retire-original      The original is still there: stop whatever runs on it, for good, and wait five minutes for that.
  --original-stopped     The original is in another account or region, or nobody knows where: nothing runs on it any more,
                         and nothing ever will.
  --dry-run              Write nothing, and say what would be done.
  --help                 This text.

A copy for a test environment must not be adopted: docs/runbooks/restore.md says why, and has a restore step by step.
`;

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

export function parseAdoptRestore(args: readonly string[]): AdoptRestoreLine {
  let values: ReturnType<typeof parse>['values'];
  try {
    values = parse(args).values;
  } catch (error) {
    return wrong(`${(error as Error).message.split('. ')[0]}.`);
  }
  if (values.help === true) return { kind: 'help' };
  const { table, original } = values;
  if (table === undefined) return wrong('adopt-restore needs --table with the name of the copy.');
  for (const [option, name] of [
    ['table', table],
    ['original', original],
  ]) {
    if (name !== undefined && !tableNamePattern.test(name)) {
      return wrong(`--${option} must be the name of a table; got ${JSON.stringify(name)}.`);
    }
  }
  if (original === table) return wrong('--original must be another table than --table.');
  const restoredTo = values['restored-to'];
  if (restoredTo !== undefined && !(instant.test(restoredTo) && Number.isFinite(Date.parse(restoredTo)))) {
    return wrong(`--restored-to must be a time such as 2026-03-01T12:00:00Z; got ${JSON.stringify(restoredTo)}.`);
  }
  return {
    kind: 'adopt-restore',
    options: {
      table,
      original,
      restoredTo: restoredTo === undefined ? undefined : Date.parse(restoredTo),
      retireOriginal: values['retire-original'] ?? false,
      originalStopped: values['original-stopped'] ?? false,
      dryRun: values['dry-run'] ?? false,
    },
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    options: {
      table: { type: 'string' },
      original: { type: 'string' },
      'restored-to': { type: 'string' },
      'retire-original': { type: 'boolean' },
      'original-stopped': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function wrong(message: string): AdoptRestoreLine {
  return { kind: 'wrong', message, exitCode: 1 };
}
