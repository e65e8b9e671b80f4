import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertionOf, certifiedKey, ellipticCertificate, jwtApp, sendAssertion } from './certified-key.ts';
import {
  ada,
  assertRefused,
  connect,
  type get,
  minuteMs,
  origin,
  read,
  refresh,
  secretApp,
  simulate,
} from './client.ts';

const [first, second, third, short] = await Promise.all([
  certifiedKey(),
  certifiedKey(),
  certifiedKey(),
  certifiedKey({ days: 1 }),
]);
const app = { ...jwtApp, certificates: [first.certificate] };
const invalid = ['invalid_grant', 'invalid assertion'] as const;

/** Which of the keys gets a token. */
async function takenBy({ simulator, clock }: ReturnType<typeof simulate>): Promise<boolean[]> {
  const replies = [first, second, third].map((key) => sendAssertion(simulator, assertionOf(key, clock.ms)));
  return (await Promise.all(replies)).map(({ status }) => status === 200);
}

describe('the certificates of an app', () => {
  it('are one, which an upload replaces', async () => {
    const simulated = simulate({ apps: [app] });
    assert.deepEqual(await takenBy(simulated), [true, false, false]);
    simulated.simulator.registerCertificate(app.clientId, second.certificate);
    assert.deepEqual(await takenBy(simulated), [false, true, false]);
  });

  it('are two where the switch says so, and a third replaces the oldest', async () => {
    const simulated = simulate({ apps: [app], switches: { certificatesPerApp: 2 } });
    simulated.simulator.registerCertificate(app.clientId, second.certificate);
    assert.deepEqual(await takenBy(simulated), [true, true, false]);
    simulated.simulator.registerCertificate(app.clientId, third.certificate);
    assert.deepEqual(await takenBy(simulated), [false, true, true]);
  });

  it('may all be taken away', async () => {
    const simulated = simulate({ apps: [app] });
    simulated.simulator.changeApp(app.clientId, { certificates: [] });
    assert.deepEqual(await takenBy(simulated), [false, false, false]);
  });

  it('verify nothing before and after their days, unless the switch says so', async () => {
    const { simulator, clock } = simulate({ apps: [{ ...app, certificates: [short.certificate] }] });
    const ask = () => sendAssertion(simulator, assertionOf(short, clock.ms));
    clock.advance(24 * 60 * minuteMs - 1);
    assert.equal((await ask()).status, 200);
    clock.advance(1);
    assertRefused(await ask(), ...invalid);
    simulator.switches.endedCertificate = 'taken';
    assert.equal((await ask()).status, 200);
    simulator.switches.endedCertificate = 'refused';
    clock.advance(-3 * 24 * 60 * minuteMs);
    assertRefused(await ask(), ...invalid);
  });

  it('are refused where they are none, or of another kind of key', async () => {
    const elliptic = await ellipticCertificate();
    const { simulator } = simulate({ apps: [app] });
    assert.throws(() => simulator.registerCertificate(app.clientId, 'PEM'), /as PEM, got "PEM"/);
    assert.throws(() => simulator.registerCertificate(app.clientId, elliptic), /got one of type ec/);
    assert.throws(() => simulate({ apps: [{ ...app, certificates: ['PEM'] }] }), /as PEM, got "PEM"/);
    assert.throws(() => simulator.registerCertificate('other', first.certificate), /knows no app "other"/);
  });
});

describe('a locked user', () => {
  it('keeps its grant, which works again when it is unlocked', async () => {
    const { simulator } = simulate();
    const { refresh: token } = await connect(simulator);
    assert.equal(simulator.lockUser(ada.id), true);
    assert.equal(simulator.books.isLiveRefreshToken(token), false);
    assertRefused(await refresh(simulator, token), 'invalid_grant', 'authentication failure');
    assert.equal(simulator.lockUser(ada.id, false), true);
    assert.equal((await refresh(simulator, token)).status, 200);
    assert.equal(simulator.lockUser('x'), false);
  });
});

describe('an app’s page in Setup, over HTTP', () => {
  const clientId = app.clientId;
  const send = async (simulator: Parameters<typeof get>[0], path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const request = new Request(`${origin}/simulator/${path}`, { method: 'POST', body: JSON.stringify(body), headers });
    return read(await simulator.fetch(request));
  };

  it('takes certificates, who is pre-authorized and whom the app runs as', async () => {
    const { simulator } = simulate({ apps: [app] });
    const uploaded = await send(simulator, 'register-certificate', {
      client_id: clientId,
      certificate: second.certificate,
    });
    const policies = { certificates: [second.certificate], preauthorized: [ada.username], run_as: null };
    assert.deepEqual(uploaded, { status: 200, body: policies });
    const changed = await send(simulator, 'app', { client_id: clientId, preauthorized: 'all', run_as: ada.username });
    assert.deepEqual(changed.body, { ...policies, preauthorized: 'all', run_as: ada.username });
  });

  for (const [title, path, body, status, problem] of [
    ['an unknown app', 'app', { client_id: 'x' }, 404, /no app "x"/],
    [
      'a certificate of an unknown app',
      'register-certificate',
      { client_id: 'x', certificate: first.certificate },
      404,
      /no app "x"/,
    ],
    [
      'what is no certificate',
      'register-certificate',
      { client_id: clientId, certificate: 'x' },
      400,
      /"certificate" is refused: must be an X\.509/,
    ],
    [
      'three certificates',
      'app',
      { client_id: clientId, certificates: Array(3).fill(first.certificate) },
      400,
      /"certificates" is refused/,
    ],
    ['an unknown field', 'app', { client_id: clientId, other: 1 }, 400, /The body is refused/],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const { simulator } = simulate({ apps: [app] });
      const before = simulator.snapshot();
      const reply = await send(simulator, path, body);
      assert.equal(reply.status, status);
      assert.match(String(reply.body.error), problem);
      assert.deepEqual(simulator.snapshot(), before);
    });
  }

  it('locks and unlocks a user', async () => {
    const { simulator } = simulate({ apps: [secretApp] });
    const { refresh: token } = await connect(simulator);
    assert.equal((await send(simulator, 'lock-user', { user_id: ada.id })).status, 200);
    assert.equal((await refresh(simulator, token)).status, 400);
    assert.equal((await send(simulator, 'unlock-user', { user_id: ada.id })).status, 200);
    assert.equal((await refresh(simulator, token)).status, 200);
    assert.equal((await send(simulator, 'lock-user', { user_id: 'x' })).status, 404);
  });
});
