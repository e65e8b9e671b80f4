import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bindingOf, cookieName, stateOf } from '../../../functions/core/browser-binding.ts';
import type { Session } from '../../../functions/core/session.ts';
import { createCallbackHandler } from '../../../functions/handlers/callback.ts';
import { aSession } from '../../contract/items.ts';
import { memoryPorts, orgA, userA } from '../../support/memory-ports.ts';
import { configOf, salt } from '../flows/callback-world.ts';
import { httpEvent, lambdaContext } from '../runtime/lambda-event.ts';

const listed = 'https://app.example/done';
const id = 's'.repeat(43);
const cookie = 'the-cookie';

/** The bound browser comes back from Salesforce; `change` is what somebody wrote into its session meanwhile. */
async function comeBack(change: Partial<Session>, app: Record<string, unknown> = { returnTo: [listed] }) {
  const ports = memoryPorts({ config: configOf(app) });
  const now = ports.clock.now();
  const times = { createdAt: now, expiresAt: now + 900_000 };
  const session = aSession(1, { id, binding: bindingOf(id, cookie, salt), claim: true, ...times });
  await ports.store.inner.sessions.create({ ...session, ...change });
  const event = httpEvent({ path: '/oauth/callback' });
  event.rawQueryString = new URLSearchParams({
    state: stateOf(id, cookie),
    code: ports.server.code(orgA, userA),
  }).toString();
  event.cookies = [`${cookieName(id)}=${cookie}`];
  const { statusCode, headers, body } = await ports.clock.run(createCallbackHandler(ports)(event, lambdaContext()));
  const location = headers?.location === undefined ? undefined : new URL(String(headers.location));
  return { statusCode, location, body: body ?? '', ports };
}

describe('a callback whose session is over', () => {
  it('sends the browser with its claim to an address of the app', async () => {
    const { statusCode, location, ports } = await comeBack({ returnTo: `${listed}?user=7` });
    assert.deepEqual([statusCode, location?.origin, location?.pathname], [303, 'https://app.example', '/done']);
    assert.equal(location?.searchParams.get('status'), 'authorized');
    assert.match(location?.searchParams.get('claim') ?? '', /.{20}/);
    assert.ok(!ports.logged.some((line) => line.includes('return address')), ports.logged.join('\n'));
  });

  for (const returnTo of [
    'https://evil.example/done',
    'https://app.example/other',
    `${listed}#x`,
    'http://127.0.0.1/',
  ]) {
    it(`shows how it ended, and sends neither browser nor claim to ${returnTo}, whoever wrote it into the session`, async () => {
      const { statusCode, location, body, ports } = await comeBack({ returnTo });
      assert.deepEqual([statusCode, location], [200, undefined]);
      assert.match(body, /not yet confirmed/);
      assert.ok(!body.includes(new URL(returnTo).host));
      assert.ok(
        ports.logged.some((line) => line.startsWith('warn: A return address')),
        ports.logged.join('\n'),
      );
    });
  }

  it('shows it too where the address has left the configuration meanwhile', async () => {
    const { statusCode, location } = await comeBack({ returnTo: listed }, { returnTo: ['https://new.example/'] });
    assert.deepEqual([statusCode, location], [200, undefined]);
  });
});
