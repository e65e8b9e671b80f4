import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppMisconfiguredError, KeysUnavailableError } from '../../../functions/core/errors.ts';
import type { SigningKey } from '../../../functions/core/ports.ts';
import { type AssertionOrder, askByAssertion, createAssertions } from '../../../functions/flows/ask-by-assertion.ts';
import { browserlessWorld, loginUrl } from '../../support/browserless-world.ts';
import { usernameA } from '../../support/memory-ports.ts';
import { assertionParts, json, refused, timedOut } from '../../support/token-server.ts';

const always = () => true;
const never = () => false;

function setUp(ids: readonly string[] = ['1', '2']) {
  const { ports, jwtOrder } = browserlessWorld();
  ports.signing.ids = ids;
  const assertions = createAssertions(ports);
  const order: AssertionOrder = { name: 'crm-jwt', app: jwtOrder().appConfig, username: usernameA, loginUrl };
  const ask = async (timeIsLeft = always) =>
    askByAssertion(ports, assertions, await assertions.signed(order), timeIsLeft);
  const sent = () => ports.server.requests.map(({ token }) => assertionParts(token));
  const keysAsked = () => sent().map(({ keyId }) => keyId);
  return { ports, assertions, order, ask, sent, keysAsked };
}

describe('an assertion', () => {
  it('is of this app, user and host, with an id of its own, and brings a token', async () => {
    const { ports, ask, sent } = setUp(['1']);
    const judged = await ask();
    assert.equal(judged.kind, 'tokens');
    await ask();
    const [first, second] = sent().map(({ claims }) => claims);
    assert.deepEqual([first?.iss, first?.sub, first?.aud], ['jwt-client', usernameA, loginUrl]);
    assert.equal(first?.exp, Math.floor((ports.clock.now() + 150_000) / 1_000));
    assert.notEqual(first?.jti, second?.jti);
  });

  it('is meant for the audience that the deployer names, wherever it is sent', async () => {
    const { ports, assertions, order } = setUp(['1']);
    const app = { ...order.app, audience: 'https://acme.my.site.com' };
    const signed = await assertions.signed({ ...order, app });
    assert.equal(assertionParts(signed.made[0]?.assertion.reveal() ?? '').claims.aud, 'https://acme.my.site.com');
    assert.equal(ports.server.requests.length, 0);
  });

  it('is signed by each key before anything is sent, by two at most', async () => {
    const { ports, assertions, order } = setUp(['1', '2', '3']);
    const { made } = await assertions.signed(order);
    assert.deepEqual(
      made.map(({ keyId }) => keyId),
      ['1', '2'],
    );
    assert.deepEqual(ports.signing.made, ['1', '2']);
  });

  it('is signed by the key that can, where the other is being retired', async () => {
    const { ports, assertions, ask, order } = setUp();
    ports.signing.failing.add('1');
    assert.equal((await ask()).kind, 'tokens');
    ports.signing.failing.add('2');
    await assert.rejects(assertions.signed(order), KeysUnavailableError);
    ports.signing.ids = [];
    await assert.rejects(assertions.signed(order), AppMisconfiguredError);
    assert.equal(ports.server.requests.length, 1);
  });

  it('prints as nothing', async () => {
    const { assertions, order } = setUp();
    assert.doesNotMatch(JSON.stringify(await assertions.signed(order)), /eyJ/);
  });
});

describe('the other key', () => {
  it('is asked once, within the attempt, where the first one’s assertion is refused', async () => {
    const { ports, ask, keysAsked } = setUp();
    ports.server.certified = ['2'];
    assert.equal((await ask()).kind, 'tokens');
    assert.deepEqual(keysAsked(), ['1', '2']);
  });

  it('is remembered once it was taken, and the change back is too', async () => {
    const { ports, ask, keysAsked } = setUp();
    ports.server.certified = ['2'];
    await ask();
    await ask();
    assert.deepEqual(keysAsked(), ['1', '2', '2']);
    ports.server.certified = ['1'];
    await ask();
    await ask();
    assert.deepEqual(keysAsked().slice(3), ['2', '1', '1']);
  });

  it('is not forgotten by a refusal of both', async () => {
    const { ports, ask, keysAsked } = setUp();
    ports.server.certified = ['2'];
    await ask();
    ports.server.certified = [];
    const judged = await ask();
    assert.deepEqual([judged.kind, judged.kind === 'refused' && judged.class], ['refused', 'operator']);
    assert.deepEqual(keysAsked().slice(2), ['2', '1'], 'each once, and no third time');
    ports.server.certified = ['2'];
    await ask();
    assert.deepEqual(keysAsked().slice(4), ['2']);
  });

  it('is of one app: another app’s keys are tried in their own order', async () => {
    const { ports, assertions, order, ask } = setUp();
    ports.server.certified = ['2'];
    await ask();
    const { made } = await assertions.signed({ ...order, name: 'another' });
    assert.equal(made[0]?.keyId, '1');
  });

  it('is not asked where no time is left, or there is none', async () => {
    const { ports, ask, keysAsked } = setUp();
    ports.server.certified = [];
    assert.equal((await ask(never)).kind, 'refused');
    assert.deepEqual(keysAsked(), ['1']);
    ports.signing.ids = ['1'];
    assert.equal((await ask()).kind, 'refused');
    assert.deepEqual(keysAsked(), ['1', '1']);
  });

  it('would mend no other refusal, nor a silence, and is not asked for one', async () => {
    const { ports, ask } = setUp();
    for (const turn of [
      refused('invalid_grant', "user hasn't approved this consumer"),
      refused('invalid_grant', 'audience is invalid'),
      refused('invalid_client_id', 'invalid assertion'),
      refused('rate_limit_exceeded', 'login rate exceeded'),
      () => timedOut,
      () => json(503, {}),
    ]) {
      ports.server.next('exchangeAssertion', turn);
      const before = ports.server.requests.length;
      assert.notEqual((await ask()).kind, 'tokens');
      assert.equal(ports.server.requests.length, before + 1);
    }
  });

  it('is asked after a description in other letters, too', async () => {
    const { ports, ask } = setUp();
    ports.server.next('exchangeAssertion', refused('invalid_grant', ' Invalid Assertion '));
    assert.equal((await ask()).kind, 'tokens');
    assert.equal(ports.server.requests.length, 2);
  });

  it('is warned of in the log, by its id alone', async () => {
    const { ports, ask } = setUp();
    ports.server.certified = ['2'];
    await ask();
    assert.equal(ports.logged.length, 1);
    assert.match(ports.logged[0] ?? '', /^warn: .*other key/);
  });
});

describe('a key that takes its time', () => {
  it('signs beside the other one, not after it', async () => {
    const { ports, order } = setUp();
    const begun: string[] = [];
    const slow = (id: string): SigningKey => ({
      id,
      async sign() {
        begun.push(id);
        await ports.clock.wait(3_000);
        return Buffer.from(id);
      },
    });
    const signingKeys = { ...ports.signingKeys, of: async () => [slow('1'), slow('2')] };
    const signed = createAssertions({ ...ports, signingKeys }).signed(order);
    const begunAt = ports.clock.now();
    assert.equal((await ports.clock.run(signed)).made.length, 2);
    assert.deepEqual([begun, ports.clock.now() - begunAt], [['1', '2'], 3_000]);
  });
});

describe('a key that no time was left for', () => {
  it('is asked first by the next attempt, and until then nothing is said of the app', async () => {
    const { ports, ask, keysAsked } = setUp();
    ports.server.certified = ['2'];
    const judged = await ask(never);
    assert.deepEqual(judged.kind === 'refused' && [judged.class, judged.description], [
      'transient',
      'invalid assertion',
    ]);
    assert.equal((await ask()).kind, 'tokens');
    assert.deepEqual(keysAsked(), ['1', '2']);
  });

  it('is none where the app has one key: its refusal is the app’s', async () => {
    const { ports, ask } = setUp(['1']);
    ports.server.certified = ['2'];
    const judged = await ask(never);
    assert.equal(judged.kind === 'refused' && judged.class, 'operator');
  });
});
