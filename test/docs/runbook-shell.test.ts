/** What the pages' commands are made of does what it says, in bash, against a small API and an `aws` that are played. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { root } from './runbook-page.ts';

const missing = ['curl', 'jq'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const skip = missing.length > 0 && process.env.CI === undefined ? `install ${missing.join(' and ')}` : false;

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function bash(script: string): Promise<Ran> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, AWS_REGION: 'eu-west-1' };
  return new Promise((resolve) => {
    const child = execFile('bash', [], { cwd: root, env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout: stdout.trimEnd(), stderr });
    });
    child.stdin?.end(script);
  });
}

/** An API of two pages; asked for anything else, it refuses. */
async function withApi(act: (url: string, asked: readonly string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
    const cursor = searchParams.get('cursor');
    const known = pathname === '/connections' && searchParams.get('app') === 'crm';
    const body =
      cursor === null
        ? { connections: [{ id: 'a' }, { id: 'b' }], next_cursor: 'n+1=' }
        : { connections: [{ id: 'c' }] };
    const right = known && (cursor === null || cursor === 'n+1=');
    response.writeHead(right ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(right ? body : { code: 'invalid_request' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.close();
  }
}

describe('the shell of the runbooks', { skip }, () => {
  it('lists the connections of every page, one a line, and asks with the query in order', async () => {
    await withApi(async (url, asked) => {
      const ran = await bash(`. docs/runbooks/shell.sh ${url}\nconnections "app=crm&status=active" | jq -r .id`);
      assert.deepEqual([ran.status, ran.stdout], [0, 'a\nb\nc']);
      assert.deepEqual(asked, [
        '/connections?app=crm&limit=100&status=active',
        '/connections?app=crm&cursor=n%2B1%3D&limit=100&status=active',
      ]);
    });
  });

  it('fails where a page cannot be had, and shows what was answered', async () => {
    await withApi(async (url) => {
      const ran = await bash(`. docs/runbooks/shell.sh ${url}\nconnections "app=other"`);
      assert.equal(ran.status, 1);
      assert.match(ran.stderr, /invalid_request/);
    });
  });

  it('prints one event of a log a line, so that the last of them can be had', async () => {
    const events = JSON.stringify(['{"level":"ERROR","n":1}\n', '{"level":"ERROR","n":2}\n']);
    const aws = `aws() { if [ "$1" = logs ]; then printf '%s' '${events.replaceAll('\\', '\\')}'; else echo group; fi; }`;
    const ran = await bash(`. docs/runbooks/shell.sh http://127.0.0.1:9\n${aws}\nlogs_of refresh x | tail -n 1`);
    assert.equal(ran.stdout, '{"level":"ERROR","n":2}');
  });

  it('tells a moment as AWS takes it', async () => {
    const { stdout } = await bash('. docs/runbooks/shell.sh http://127.0.0.1:9\nago 3600; ago 0');
    const [before = '', now = ''] = stdout.split('\n');
    assert.match(now, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const apart = Date.parse(now) - Date.parse(before);
    assert.ok(Math.abs(apart - 3_600_000) <= 1_000, `${apart}`);
  });

  it('takes the region of the configuration where the environment names none', async () => {
    const aws = 'aws() { [ "$1 $2 $3" = "configure get region" ] && echo eu-central-1; }';
    const { stdout } = await bash(
      `unset AWS_REGION\n${aws}\n. docs/runbooks/shell.sh 2>/dev/null\necho "$AWS_REGION \${signed[1]}"`,
    );
    assert.equal(stdout, 'eu-central-1 aws:amz:eu-central-1:execute-api');
  });

  it('says so where there is no such stack', async () => {
    const ran = await bash('aws() { :; }\nSTACK=Nope\n. docs/runbooks/shell.sh');
    assert.match(ran.stderr, /No output ApiUrl of the stack Nope in eu-west-1/);
  });
});
