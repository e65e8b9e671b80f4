import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommandLine, usageFor } from '../../cli/command-line.ts';

const parse = (line: string) => parseCommandLine(line.split(' ').filter((word) => word !== ''));

describe('the command line', () => {
  it('names an app, and has a default for all else', () => {
    assert.deepEqual(parse('signing-key crm-jwt'), {
      kind: 'signing-key',
      options: {
        app: 'crm-jwt',
        prefix: 'Grantkeeper/',
        config: 'grantkeeper.config.ts',
        out: undefined,
        days: 730,
        key: undefined,
        rotate: false,
        retire: undefined,
        try: undefined,
      },
    });
  });

  it('takes every option', () => {
    const line = parse(
      'signing-key crm --stack-prefix Other/ --config c.json --out a.crt --days 30 --key 2 --try ada@x.example',
    );
    assert.deepEqual(line, {
      kind: 'signing-key',
      options: {
        app: 'crm',
        prefix: 'Other/',
        config: 'c.json',
        out: 'a.crt',
        days: 30,
        key: '2',
        rotate: false,
        retire: undefined,
        try: 'ada@x.example',
      },
    });
    const rotate = parse('signing-key crm --rotate');
    const retire = parse('signing-key crm --retire 1');
    assert.equal(rotate.kind === 'signing-key' && rotate.options.rotate, true);
    assert.equal(retire.kind === 'signing-key' && retire.options.retire, '1');
  });

  it('asks for help with --help and -h', () => {
    assert.deepEqual(parse('--help'), { kind: 'help' });
    assert.deepEqual(parse('signing-key -h'), { kind: 'help' });
  });

  for (const [line, message] of [
    ['', 'Name a command.'],
    ['sign crm', 'There is no command "sign".'],
    ['signing-key', 'signing-key needs the name of an app.'],
    ['signing-key ../crm', 'An app is named as in the configuration; got "../crm".'],
    ['signing-key crm more', 'signing-key takes one app; got "more" besides.'],
    ['signing-key crm --bogus', "Unknown option '--bogus'."],
    ['signing-key crm --days 0', '--days must be a whole number from 1 to 3650; got "0".'],
    ['signing-key crm --days 3651', '--days must be a whole number from 1 to 3650; got "3651".'],
    ['signing-key crm --days 1.5', '--days must be a whole number from 1 to 3650; got "1.5".'],
    ['signing-key crm --retire 3', '--retire must be 1 or 2; got "3".'],
    ['signing-key crm --key one', '--key must be 1 or 2; got "one".'],
    ['signing-key crm --rotate --retire 1', '--rotate and --retire do not go together.'],
    ['signing-key crm --rotate --key 2', '--rotate and --key do not go together.'],
    ['signing-key crm --out=', '--out is empty.'],
    ['signing-key crm --url https://a.example', 'signing-key takes no --url.'],
    ['signing-key crm --json', 'signing-key takes no --json.'],
  ] as const) {
    it(`refuses "${line}"`, () => {
      assert.deepEqual(parse(line), { kind: 'wrong', message, exitCode: 1 });
    });
  }

  for (const command of ['signing-key', 'doctor', 'adopt-restore', 'data-keys']) {
    it(`says of ${command} how it is used, and of nothing else`, () => {
      const usage = usageFor(['--bogus', command]);
      assert.deepEqual(usage.match(/^Usage: npx grantkeeper \S+/gm), [`Usage: npx grantkeeper ${command}`]);
      assert.match(usage, /^ {2}--help /m);
      assert.match(usageFor([]), new RegExp(`^  ${command} `, 'm'));
    });
  }

  it('says which commands there are to whoever names none, or one that there is not', () => {
    assert.match(usageFor([]), /^Usage: npx grantkeeper COMMAND/);
    assert.equal(usageFor(['signing-keys', 'crm']), usageFor([]));
  });

  it('lets the doctor ask the default place, another one, and for the answer itself', () => {
    assert.deepEqual(parse('doctor'), { kind: 'doctor', options: { json: false } });
    const line = parse('doctor --json --url https://a.example');
    assert.deepEqual(line, { kind: 'doctor', options: { json: true, url: 'https://a.example' } });
    assert.deepEqual(parse('doctor --help'), { kind: 'help' });
  });

  for (const [line, message] of [
    ['doctor crm', 'doctor takes options only; got "crm".'],
    ['doctor --days 3', 'doctor takes no --days.'],
    ['doctor --bogus', "Unknown option '--bogus'."],
    ['doctor --url=', '--url is empty.'],
  ] as const) {
    it(`refuses "${line}" by 2, for 1 would say that something needs a person`, () => {
      assert.deepEqual(parse(line), { kind: 'wrong', message, exitCode: 2 });
    });
  }
});
