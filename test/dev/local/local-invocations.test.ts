import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLocalInvocations } from '../../../dev/local/local-invocations.ts';

function answering(answer: unknown) {
  const calls: [string, unknown][] = [];
  const invocations = createLocalInvocations(async (name, event) => {
    calls.push([name, event]);
    return answer;
  });
  return { calls, ...invocations };
}

describe('what one function asks of another', () => {
  it('is a refresh and its report', async () => {
    const request = {
      version: 1,
      connectionId: 'c',
      generation: { grantId: 'g', refreshes: 0 },
      reason: 'stale',
    } as const;
    const { refresher, calls } = answering({ version: 1, outcome: 'refreshed' });
    assert.deepEqual(await refresher.refresh(request), { version: 1, outcome: 'refreshed' });
    assert.deepEqual(calls, [['refresh', request]]);
  });

  it('is the duties of one connection', async () => {
    const { maintainer, calls } = answering({ done: 1 });
    await maintainer.doDutiesOf('c');
    assert.deepEqual(calls, [['maintain', { version: 1, kind: 'do_duties', connectionId: 'c' }]]);
  });

  it('is a live token, kept secret, or the problem', async () => {
    const { tokens, calls } = answering({ version: 1, kind: 'token', access_token: 't', instance_url: 'https://i' });
    const live = await tokens.read('c', 'f'.repeat(64));
    assert.ok(live.kind === 'token');
    assert.deepEqual([live.accessToken.reveal(), live.instanceUrl], ['t', 'https://i']);
    assert.doesNotMatch(JSON.stringify(live), /"t"/);
    const event = { version: 1, kind: 'read_token', connectionId: 'c', rejectedTokenSha256: 'f'.repeat(64) };
    assert.deepEqual(calls, [['token', event]]);
    const problem = answering({ version: 1, kind: 'problem', code: 'disconnected', detail: 'd' });
    assert.deepEqual(await problem.tokens.read('c'), { kind: 'problem', code: 'disconnected', detail: 'd' });
  });
});
