import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommandLine, usageFor } from '../../cli/command-line.ts';

const parse = (line: string) => parseCommandLine(line.split(' '));

describe('the command line of adopt-restore', () => {
  it('takes a table, and every option', () => {
    assert.deepEqual(parse('adopt-restore --table copy'), {
      kind: 'adopt-restore',
      options: {
        table: 'copy',
        original: undefined,
        restoredTo: undefined,
        retireOriginal: false,
        originalStopped: false,
        dryRun: false,
      },
    });
    const all =
      '--original grants --restored-to 2026-03-01T12:00:00+01:00 --retire-original --original-stopped --dry-run';
    assert.deepEqual(parse(`adopt-restore --table copy ${all}`), {
      kind: 'adopt-restore',
      options: {
        table: 'copy',
        original: 'grants',
        restoredTo: Date.parse('2026-03-01T11:00:00Z'),
        retireOriginal: true,
        originalStopped: true,
        dryRun: true,
      },
    });
  });

  it('is in the help', () => {
    assert.deepEqual(parse('adopt-restore --help'), { kind: 'help' });
    assert.match(usageFor(['adopt-restore']), /^Usage: npx grantkeeper adopt-restore --table NAME/m);
  });

  for (const [line, message] of [
    ['adopt-restore', 'adopt-restore needs --table with the name of the copy.'],
    ['adopt-restore copy', "Unexpected argument 'copy'."],
    ['adopt-restore --table a/b', '--table must be the name of a table; got "a/b".'],
    ['adopt-restore --table copy --original x', '--original must be the name of a table; got "x".'],
    ['adopt-restore --table copy --original copy', '--original must be another table than --table.'],
    [
      'adopt-restore --table copy --restored-to noon',
      '--restored-to must be a time such as 2026-03-01T12:00:00Z; got "noon".',
    ],
    [
      'adopt-restore --table copy --restored-to 2026-13-01T12:00:00Z',
      '--restored-to must be a time such as 2026-03-01T12:00:00Z; got "2026-13-01T12:00:00Z".',
    ],
    ['adopt-restore --table copy --rotate', "Unknown option '--rotate'."],
    ['signing-key crm --table copy', "Unknown option '--table'."],
  ] as const) {
    it(`refuses "${line}"`, () => {
      assert.deepEqual(parse(line), { kind: 'wrong', message, exitCode: 1 });
    });
  }
});
