/**
 * The runbook, done from the page alone on the local stack: its blocks are run by bash, in order, with the page's own
 * shell at the local address; what they print is what the page shows. The administrator and the users, whom the page
 * sends for, are played.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Flow, org } from '../support/flow.ts';
import { type Block, blocksOf, readRunbook } from './runbook-page.ts';
import { createShell, deadOrg, minutes, skip } from './runbook-reader.ts';

const page = readRunbook('org-dies');
const blocks = blocksOf(page);
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
