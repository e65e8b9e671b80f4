import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../../dev/start.ts', import.meta.url));

interface Started {
  readonly process: ChildProcessWithoutNullStreams;
  readonly url: string;
  /** What it printed so far. */
  output(): string;
  /** Waits until it printed this. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
}

const running = new Set<ChildProcessWithoutNullStreams>();

function run(args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [entry, ...args]);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function start(...args: string[]): Promise<Started> {
  const child = run(['--port', '0', ...args]);
  let output = '';
  const printed = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const look = () => {
        const match = output.match(pattern);
        if (match !== null) resolve(match);
      };
      child.stdout.on('data', look);
      child.once('exit', (code) => reject(new Error(`exit ${code} before ${pattern}; printed:\n${output}`)));
      look();
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const [, url = ''] = await printed(/^Grantkeeper is ready at (http:\/\/127\.0\.0\.1:\d+)$[\s\S]*Ctrl-C/m);
  return { process: child, url, output: () => output, printed };
}

async function finished(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = run(args);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    texts.stdout += text;
  });
  child.stderr.on('data', (text) => {
    texts.stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, ...texts };
}

async function stop(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal);
  const [code] = await once(child, 'exit');
  return code;
}

/** As a person does: opens the link, picks the first user, allows. Answers what the callback shows. */
async function clickThrough(connectUrl: string): Promise<Response> {
  const opened = await fetch(connectUrl, { redirect: 'manual' });
  const authorizeUrl = new URL(opened.headers.get('location') ?? '');
  const cookie = opened.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
  const page = await (await fetch(authorizeUrl)).text();
  const [, action = ''] = page.match(/<form[^>]* action="([^"]+)"/) ?? [];
  const fields = new URLSearchParams();
  for (const [, attributes = ''] of page.matchAll(/<input ([^>]+)>/g)) {
    const [, name = ''] = attributes.match(/\bname="([^"]+)"/) ?? [];
    const [, value = ''] = attributes.match(/\bvalue="([^"]*)"/) ?? [];
    if (!fields.has(name)) fields.set(name, value.replaceAll('&amp;', '&'));
  }
  fields.set('decision', 'allow');
  const target = new URL(action.replaceAll('&amp;', '&'), authorizeUrl);
  const decided = await fetch(target, { method: 'POST', body: fields, redirect: 'manual' });
  const callback = decided.headers.get('location') ?? '';
  return fetch(callback, { headers: { cookie: cookie.join('; ') }, redirect: 'manual' });
}

describe('npm start', { timeout: 30_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  after(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('prints where everything is, serves, and ends with 0 at Ctrl-C', async () => {
    const started = await start();
    const output = started.output();
    assert.match(output, new RegExp(`Console +${started.url}/$`, 'm'));
    assert.match(output, new RegExp(`Connect +${started.url}/connect/[A-Za-z0-9_-]+ `, 'm'));
    assert.match(output, new RegExp(`curl ${started.url}/connections/CONNECTION_ID/token$`, 'm'));
    const [, keys = ''] = output.match(/Keys +(\S+)/) ?? [];
    assert.equal(existsSync(keys), true);
    assert.match(output, new RegExp(`Certificate +${keys}/crm-jwt.crt  \\(of crm-jwt; the simulator has it\\)$`, 'm'));
    assert.equal((await fetch(`${started.url}/connections?app=crm`)).status, 200);
    assert.equal(await stop(started.process, 'SIGINT'), 0);
    assert.equal(existsSync(keys), false);
    await assert.rejects(fetch(started.url));
  });

  it('ends with 0 at SIGTERM too', async () => {
    assert.equal(await stop((await start()).process, 'SIGTERM'), 0);
  });

  it('says what is wrong with a flag, how to use it, and exits with 2', async () => {
    const { code, stdout, stderr } = await finished(['--port', 'many']);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /--port must be a whole number.*"many"/);
    assert.match(stderr, /Usage: npm start -- \[--port 3000\] \[--data DIR\] \[--salesforce URL\] \[--dynamodb URL\]/);
  });

  it('says that a port is taken and what to do, and exits with 1', async () => {
    const started = await start();
    const { port } = new URL(started.url);
    const { code, stderr } = await finished(['--port', port]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Port ${port}.* is taken.*choose another port`));
    await stop(started.process, 'SIGINT');
  });

  it('keeps a connection through kill -9 with --data, and the next read works', async () => {
    const data = join(folder, 'kept');
    const first = await start('--data', data);
    const [, link = ''] = first.output().match(/Connect +(\S+)/) ?? [];
    assert.equal((await clickThrough(link)).status, 200, first.output());
    const [, id = ''] = await first.printed(/^Connected: (\S+)$[\s\S]*curl \S+\/token/m);
    const before = await (await fetch(`${first.url}/connections/${id}/token`)).json();
    const shown = await (await fetch(`${first.url}/local/state`)).text();
    const state = JSON.parse(shown);
    assert.deepEqual([state.connections[0]?.id, state.connections[0]?.integrations], [id, ['acme/crm-sync']]);
    assert.equal(state.simulator.grants[0]?.live, true);
    assert.equal(state.activity[0]?.kind, 'authorized');
    assert.equal(shown.includes(before.access_token), false);
    const { code, stderr } = await finished(['--port', '0', '--data', data]);
    assert.equal(code, 1);
    assert.match(stderr, /in use by another Grantkeeper/);
    await stop(first.process, 'SIGKILL');

    const second = await start('--data', data);
    assert.match(second.output(), new RegExp(`curl ${second.url}/connections/${id}/token`));
    const after = await fetch(`${second.url}/connections/${id}/token`);
    assert.equal(after.status, 200);
    assert.equal((await after.json()).access_token, before.access_token);
    await stop(second.process, 'SIGINT');
  });
});
