/**
 * The runbook, done from the page alone on the local stack: its blocks are run by bash, in order, with the page's own
 * shell at the local address; what they print is what the page shows. The administrator and the users, whom the page
 * sends for, are played.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Flow, org, startFlow } from '../support/flow.ts';
import { type Block, blocksOf, readRunbook, root } from './runbook-page.ts';

const page = readRunbook('org-dies');
const blocks = blocksOf(page);
/** The page's shell needs them; where a machine has none, this is not shown. CI has both. */
const missing = ['curl', 'jq'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const skip = missing.length > 0 && process.env.CI === undefined ? `install ${missing.join(' and ')}` : false;

const hourMs = 3_600_000;
const minuteMs = 60_000;

interface Ran {
  readonly status: number;
  readonly output: string;
}

/** What the blocks before have set stays set, with the value that it had then, as in the reader's shell. */
function createShell(url: string) {
  let said = `set -uo pipefail\ncd '${root}'\nnpx() { shift; '${process.execPath}' '${join(root, 'cli/grantkeeper.mjs')}' "$@"; }\n`;
  return async (script: string): Promise<Ran> => {
    const local = script.replace('. docs/runbooks/shell.sh', `. docs/runbooks/shell.sh ${url}`);
    const names = [...local.matchAll(/^([A-Z]+)=/gm)].map(([, name]) => name);
    if (names.length === 0) return bash(`${said}\n${local}\n`);
    const ran = await bash(`${said}\n${local}\ndeclare -p ${names.join(' ')}\n`);
    said += [...local.matchAll(/^\. .*$/gm), ran.output].map(String).join('\n').concat('\n');
    return { ...ran, output: '' };
  };
}

function bash(script: string): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    const child = execFile('bash', [], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code ?? 1);
      resolve({ status, output: `${stdout}${status === 0 ? '' : stderr}`.trimEnd() });
    });
    child.stdin?.end(script);
  });
}

/** All users of the org, one integration each; then the org ends their grants, and the schedule finds it out. */
async function deadOrg(): Promise<Flow> {
  const flow = await startFlow();
  for (const [index, { username }] of org.users.entries()) await flow.connect({ tenant: `t${index}` }, username);
  for (const grant of flow.simulator.books.liveGrants()) flow.simulator.revokeGrant(grant.id);
  flow.clock.advance(3 * hourMs);
  await minutes(flow, 6);
  return flow;
}

async function minutes(flow: Flow, count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) {
    const ended = flow.stack.tick().then(() => 'ended');
    while ((await Promise.race([ended, flow.clock.someoneWaits(5_000)])) !== 'ended') flow.clock.advance(5_000);
    flow.clock.advance(minuteMs);
  }
}

/** Whoever gets the link. */
async function authorize(flow: Flow, connectUrl: string): Promise<void> {
  const person = flow.browser();
  const login = await person.open(connectUrl);
  await person.get(flow.simulator.authorize(login, { username: org.users[0]?.username ?? '', decision: 'allow' }));
}

describe('the runbook of an org that dies', { skip }, () => {
  it('is done from the page alone, and shows what the page says that it shows', async () => {
    const flow = await deadOrg();
    try {
      const [spike] = flow.stack.alerts();
      assert.equal(spike?.type, 'invalid_grant_spike');
      assert.match(spike.remedy, /Runbook: docs\/runbooks\/org-dies\.md$/);
      assert.match(page, new RegExp(`^APP=${spike.app}\nORG=${spike.org_id}$`, 'm'), 'the page is about this org');
      const run = createShell(flow.stack.url);
      let compared = 0;
      for (const block of blocks) {
        const { status, output } = await run(block.script);
        assert.equal(status, isDoctor(block) ? 1 : 0, `${block.script}\n${output}`);
        if (block.shown !== undefined) {
          assert.equal(output, block.shown, block.script);
          compared += 1;
        }
        if (isDoctor(block)) assert.match(output, /invalid_grant_spike/);
        if (block.script.endsWith('jq -r .connect_url')) await authorize(flow, output);
      }
      assert.equal(compared, 6);
      assert.deepEqual([...new Set(blocks.map(({ section }) => section))], ['Look', 'Do', 'Check']);
      await minutes(flow, 22);
      const end = flow.stack.alerts().at(-1);
      assert.deepEqual([end?.type, end?.counts.left], ['invalid_grant_spike_resolved', 2], 'as the page says last');
    } finally {
      await flow.close();
    }
  });

  it('would fail on a page that says otherwise: before the link is followed, the connection is not active', async () => {
    const flow = await deadOrg();
    try {
      const run = createShell(flow.stack.url);
      for (const block of blocks.filter(({ section }) => section === 'Look')) await run(block.script);
      const [check] = blocks.filter(({ section }) => section === 'Check');
      assert.equal(check?.shown, 'active');
      assert.deepEqual(await run(check.script), { status: 0, output: 'reauthorization_required' });
      assert.notEqual((await run('gk GET /nowhere')).status, 0, 'and a wrong command fails');
    } finally {
      await flow.close();
    }
  });
});

function isDoctor({ script }: Block): boolean {
  return script.startsWith('npx grantkeeper doctor');
}
