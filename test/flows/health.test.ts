/** `GET /health` of the running stack: what really happened is what it says. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { doctor } from '../../cli/doctor.ts';
import { type Flow, org, startFlow } from '../support/flow.ts';

type Told = { code: string; severity: string };

describe('the health of the local stack', () => {
  let flow: Flow;
  let connectionId: string;
  before(async () => {
    flow = await startFlow();
    connectionId = (await flow.connect()).connectionId;
  });
  after(() => flow.close());

  const health = async () => (await flow.api('GET', '/health')).body;
  const ask = (json = false) =>
    doctor(
      { url: flow.stack.url, json },
      {
        fetch: (input, init) => fetch(input, init),
        credentials: () => Promise.reject(new Error('Nothing is signed on loopback.')),
        region: undefined,
        now: Date.now,
      },
    );

  it('is ok with a connection that works, and the doctor says so in its first line', async () => {
    assert.equal((await health()).status, 'ok');
    const { exitCode, lines, complaint } = await ask();
    assert.deepEqual([exitCode, lines[0], complaint], [0, 'OK: nothing needs a person.', undefined]);
    assert.match(lines.join('\n'), /1 connection: 1 active/);
  });

  it('asks for a person once the grant was revoked, and the doctor says what to do', async () => {
    assert.ok(flow.simulator);
    flow.simulator.revokeOrg(org.id);
    flow.clock.advance(3 * 3_600_000);
    const reading = flow.token(connectionId);
    // The second sighting makes it a verdict.
    await flow.clock.someoneWaits(5_000);
    flow.clock.advance(5_000);
    assert.equal((await reading).status, 409);
    const { status, connections, apps } = await health();
    assert.equal(status, 'attention');
    assert.equal(connections.by_status.reauthorization_required, 1);
    const crm = apps.find(({ app }: { app: string }) => app === 'crm');
    assert.ok(
      crm.findings.some(({ code, severity }: Told) => `${code} ${severity}` === 'reauthorization_required action'),
    );
    const { exitCode, lines } = await ask();
    assert.equal(exitCode, 1);
    assert.match(lines[0] ?? '', /^NEEDS A PERSON: /);
    assert.match(lines.join('\n'), /crm: 1 connection must be authorized again\.[\s\S]*To do: /);
    const json = await ask(true);
    assert.deepEqual([json.exitCode, JSON.parse(json.lines.join('')).status], [1, 'attention']);
  });
});
