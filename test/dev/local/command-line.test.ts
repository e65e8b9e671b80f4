import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommandLine } from '../../../dev/local/command-line.ts';

const optionsOf = (...args: string[]) => {
  const line = parseCommandLine(args);
  assert.equal(line.kind, 'start');
  return line.kind === 'start' ? line.options : undefined;
};

describe('the command line of npm start', () => {
  it('serves on port 3000 in memory unless told otherwise', () => {
    assert.deepEqual(optionsOf(), { port: 3000, dataDir: undefined, salesforce: undefined, dynamodb: undefined });
  });

  it('takes each flag', () => {
    const args = [
      '--port',
      '0',
      '--data',
      'd',
      '--salesforce',
      'https://sf.example/',
      '--dynamodb',
      'http://[::1]:8000',
    ];
    assert.deepEqual(optionsOf(...args), {
      port: 0,
      dataDir: 'd',
      salesforce: 'https://sf.example',
      dynamodb: 'http://[::1]:8000',
    });
    assert.equal(optionsOf('--salesforce', 'http://localhost:9000')?.salesforce, 'http://localhost:9000');
    assert.equal(optionsOf('--port=65535')?.port, 65_535);
  });

  it('refuses what it does not understand, and names the value', () => {
    const wrong: [string[], RegExp][] = [
      [['--prot', '1'], /--prot/],
      [['3000'], /3000/],
      [['--port'], /port/],
      [['--port', '65536'], /0 to 65535; got "65536"/],
      [['--port', '-1'], /port/],
      [['--port', '3e3'], /"3e3"/],
      [['--data', ' '], /--data must name a folder/],
      [['--salesforce', 'http://sf.example'], /must be https.*"http:\/\/sf.example"/],
      [['--salesforce', 'https://sf.example/path'], /without a path/],
      [['--salesforce', 'ftp://sf.example'], /must be an origin/],
      [['--dynamodb', 'https://dynamodb.us-east-1.amazonaws.com'], /on loopback.*amazonaws/],
      [['--dynamodb', '127.0.0.1:8000'], /on loopback/],
    ];
    for (const [args, message] of wrong) {
      const line = parseCommandLine(args);
      assert.equal(line.kind, 'wrong', args.join(' '));
      assert.match(line.kind === 'wrong' ? line.message : '', message);
    }
  });

  it('does not print a password that stood in a URL', () => {
    const line = parseCommandLine(['--salesforce', 'https://user:hunter2@sf.example']);
    assert.equal(line.kind, 'wrong');
    assert.doesNotMatch(JSON.stringify(line), /hunter2/);
  });
});
