import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { LocalSigningKeys } from '../../dev/local/local-signing-keys.ts';
import { type Flow, jwtOrder, otherUser, startFlow, worksAtSalesforce } from '../support/flow.ts';
import { flowSigningKeys, twoKeys } from '../support/flow-signing-keys.ts';

const hourMs = 3_600_000;
const clientId = 'local-jwt-client';

describe('an app with two signing keys', () => {
  let first: LocalSigningKeys;
  let second: LocalSigningKeys;
  before(async () => {
    [first, second] = await Promise.all([flowSigningKeys(), flowSigningKeys('second')]);
  });

  /** A connection, made while the first key's certificate alone is registered. */
  async function withFlow(work: (flow: Flow, connectionId: string) => Promise<void>): Promise<void> {
    const flow = await startFlow({ change: (ports) => ({ ...ports, signingKeys: twoKeys(first, second) }) });
    try {
      const made = await flow.introduce();
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.equal(flow.assertions(), 1, 'the first key is tried first');
      await work(flow, made.body.id);
    } finally {
      await flow.close();
    }
  }

  async function readAnew(flow: Flow, connectionId: string): Promise<number> {
    const before = flow.assertions();
    flow.clock.advance(3 * hourMs);
    const answer = await flow.token(connectionId);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.body.stale, undefined);
    assert.ok(await worksAtSalesforce(answer));
    return flow.assertions() - before;
  }

  it('asks with the other once, within the attempt, where its certificate took the place of the first', () =>
    withFlow(async (flow, connectionId) => {
      flow.simulator.registerCertificate(clientId, second.certificatePem);
      assert.equal(await readAnew(flow, connectionId), 2, 'refused with the first, taken with the second');
      assert.equal(await readAnew(flow, connectionId), 1, 'which is remembered');
      const introduced = await flow.introduce({ ...jwtOrder, username: otherUser });
      assert.equal(introduced.status, 201);
      await flow.stack.tick();
      assert.deepEqual(flow.stack.alerts(), []);
      assert.equal((await flow.api('GET', `/connections/${connectionId}`)).body.last_failure, undefined);
    }));

  it('asks once as ever where Salesforce holds both certificates, and once the first is removed with the other', () =>
    withFlow(async (flow, connectionId) => {
      flow.simulator.switches.certificatesPerApp = 2;
      flow.simulator.registerCertificate(clientId, second.certificatePem);
      assert.equal(await readAnew(flow, connectionId), 1);
      flow.simulator.changeApp(clientId, { certificates: [second.certificatePem] });
      assert.equal(await readAnew(flow, connectionId), 2);
      assert.equal(await readAnew(flow, connectionId), 1);
      await flow.stack.tick();
      assert.deepEqual(flow.stack.alerts(), []);
    }));

  it('is put back as it was by the same way', () =>
    withFlow(async (flow, connectionId) => {
      flow.simulator.registerCertificate(clientId, second.certificatePem);
      await readAnew(flow, connectionId);
      flow.simulator.registerCertificate(clientId, first.certificatePem);
      assert.equal(await readAnew(flow, connectionId), 2);
      assert.equal(await readAnew(flow, connectionId), 1);
    }));

  it('is refused where Salesforce holds the certificate of neither: each is tried once, and the app waits', () =>
    withFlow(async (flow, connectionId) => {
      const stranger = await flowSigningKeys('stranger');
      flow.simulator.registerCertificate(clientId, stranger.certificatePem);
      flow.clock.advance(3 * hourMs);
      const refused = await flow.token(connectionId);
      assert.deepEqual([refused.status, refused.body.code], [503, 'app_misconfigured']);
      assert.equal(flow.assertions(), 3);
      await flow.token(connectionId);
      assert.equal(flow.assertions(), 3, 'the circuit is open');
      await flow.stack.tick();
      await flow.stack.tick();
      assert.deepEqual(
        flow.stack.alerts().map(({ type }) => type),
        ['app_misconfigured'],
      );
      flow.simulator.registerCertificate(clientId, second.certificatePem);
      flow.clock.advance(hourMs);
      const recovered = await flow.token(connectionId);
      assert.equal(recovered.status, 200, JSON.stringify(recovered.body));
    }));

  it('is still asked where one of its keys cannot sign, and is not where neither can', async () => {
    let unsignable = false;
    const failing = { ...first, of: async () => [{ id: '1', sign: () => Promise.reject(new Error('disabled')) }] };
    const flow = await startFlow({
      change: (ports) => ({
        ...ports,
        signingKeys: {
          ...ports.signingKeys,
          of: (app) => (unsignable ? failing.of() : twoKeys(failing, second).of(app)),
        },
      }),
    });
    try {
      flow.simulator.registerCertificate(clientId, second.certificatePem);
      const made = await flow.introduce();
      assert.deepEqual([made.status, flow.assertions()], [201, 1]);
      unsignable = true;
      flow.clock.advance(3 * hourMs);
      assert.equal((await flow.token(made.body.id)).status, 503);
      assert.equal(flow.assertions(), 1, 'nothing was sent');
      unsignable = false;
      flow.clock.advance(hourMs);
      assert.equal((await flow.token(made.body.id)).status, 200);
    } finally {
      await flow.close();
    }
  });
});
