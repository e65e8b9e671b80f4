import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommandLine, usageFor } from '../../cli/command-line.ts';

const parse = (line: string) => parseCommandLine(line.split(' '));
const org = '00D5g000004aCmeEAE';
const place = `--table grants --org ${org}`;

describe('the command line of data-keys', () => {
  it('takes an act, a table and an org, and what belongs to the act', () => {
    const options = { table: 'grants', org, kmsKey: undefined, yes: false };
    assert.deepEqual(parse(`data-keys show ${place}`), { kind: 'data-keys', options: { act: 'show', ...options } });
    assert.deepEqual(parse(`data-keys rotate ${place} --kms-key arn:aws:kms:x`), {
      kind: 'data-keys',
      options: { act: 'rotate', ...options, kmsKey: 'arn:aws:kms:x' },
    });
    assert.deepEqual(parse(`data-keys forget ${place} --yes`), {
      kind: 'data-keys',
      options: { act: 'forget', ...options, yes: true },
    });
  });

  it('is in the help', () => {
    assert.deepEqual(parse('data-keys --help'), { kind: 'help' });
    assert.match(usageFor(['data-keys', '--help']), /^Usage: npx grantkeeper data-keys show\|rotate\|prune\|forget/m);
  });

  for (const [line, message] of [
    ['data-keys', 'data-keys needs one of show, rotate, prune, forget; got none.'],
    [`data-keys burn ${place}`, 'data-keys needs one of show, rotate, prune, forget; got "burn".'],
    [`data-keys show prune ${place}`, 'data-keys takes one act; got "prune" besides.'],
    [`data-keys show --org ${org}`, '--table must be the name of a table; got none.'],
    [
      'data-keys show --table grants --org 00D5g000004aCme',
      '--org must be the id of an org, 18 characters that begin with 00D; got "00D5g000004aCme".',
    ],
    [
      'data-keys forget --table grants --org 00D5g000004acmeEAE --yes',
      '--org "00D5g000004acmeEAE" is no id: its last three characters say which of the others are capitals, and would be EAA. Copy it as a whole.',
    ],
    [`data-keys rotate ${place}`, 'rotate needs --kms-key.'],
    [`data-keys prune ${place} --kms-key x`, 'prune takes no --kms-key.'],
    [`data-keys rotate ${place} --kms-key x --yes`, 'rotate takes no --yes.'],
    [`data-keys show ${place} --retire 1`, "Unknown option '--retire'."],
  ] as const) {
    it(`refuses "${line}"`, () => {
      assert.deepEqual(parse(line), { kind: 'wrong', message, exitCode: 1 });
    });
  }
});
