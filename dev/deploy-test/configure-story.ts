/** The second chapter: the deployer's own configuration function, which works, fails, and works again. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { missingObject, missingObjectWords, receivedMark } from './configuration-function.ts';
import { integrationStatus } from './integration-status.ts';
import { until } from './poll.ts';
import { storedGrant } from './stored-tokens.ts';
import { ada, first, integrationPathOf, type Story } from './story.ts';

const soonMs = 10_000;

/** The budget of two is full: what the first chapter superseded must go before the next grant may come. */
export async function tellOfBudget({ api, customer, simulator, logs, step }: Story, connectionId: string) {
  const liveGrants = () => simulator.books.liveGrants({ userId: connectionId.split('.')[2] });
  const invitation = { ...first, reauthorize: true, configuration: { object: 'Account' } };

  const session = await step(
    'the limit is two now, and it is reached: connect has maintain revoke at once, before the next grant',
    async () => {
      const [superseded] = liveGrants();
      assert.equal(liveGrants().length, 2);
      const invited = await customer.invite(invitation);
      assert.equal(liveGrants().length, 1);
      assert.equal(simulator.books.ledger.find(superseded?.id ?? '')?.endedBy, 'revoked');
      return invited;
    },
  );

  await step('the next grant is stored: callback has maintain revoke the one that it superseded', async () => {
    const [before] = liveGrants();
    const claimed = await customer.claim(await customer.authorize(ada, session));
    assert.equal(claimed.connection_id, connectionId);
    assert.equal(liveGrants().length, 1);
    assert.notEqual(liveGrants()[0]?.id, before?.id);
    const { grants, grant_budget: budget } = await api.call(200, 'GET', `/connections/${connectionId}`);
    assert.deepEqual(
      (grants as Record<string, unknown>[]).map(({ current, revoked_at: revoked }) => [current, revoked !== undefined]),
      [
        [true, false],
        [false, true],
        [false, true],
      ],
    );
    assert.deepEqual(budget, { limit: 2, believed: 1 });
    assert.deepEqual(simulator.books.evictions(), []);
    assert.match(await logs(), /"service":"maintain"/);
  });
}

export async function tellOfConfiguring(story: Story, connectionId: string): Promise<void> {
  const { api, administration, simulator, logs, step } = story;
  const put = async (configuration: unknown): Promise<number> => {
    const path = `${integrationPathOf(first)}/configuration`;
    const { configuration_version: version } = await api.call(202, 'PUT', path, { configuration });
    return Number(version);
  };

  const version = await step("the deployer's function got it, and read a token by its own role", async () => {
    const { configuration_version: linked } = await api.call(200, 'GET', integrationPathOf(first));
    const shown = await integrationStatus(api, first, Number(linked));
    assert.equal(shown.status, 'configured', String(shown.reason));
    const event = { ...sent(Number(linked)), configuration: { object: 'Account' } };
    await untilReceived(event);
    return Number(linked);
  });

  await step(
    'a configuration that fails: its words are the reason; token and grant are as they were',
    async () => {
      const before = await storedGrant(administration, connectionId);
      const issued = simulator.issued.length;
      assert.equal(await put({ object: missingObject }), version + 1);
      const shown = await integrationStatus(api, first, version + 1);
      assert.equal(shown.status, 'configuration_failed');
      assert.ok(String(shown.reason).includes(missingObjectWords), String(shown.reason));
      assert.equal(shown.connection_status, 'active');
      assert.deepEqual(await storedGrant(administration, connectionId), before);
      assert.equal(simulator.issued.length, issued);
      assert.equal(simulator.books.liveGrants().length, 1);
      return String(shown.reason);
    },
    (reason) => reason,
  );

  await step('its message is kept for another try, those before it are done', async () => {
    await until('one message of the configuration queue is held', soonMs, async () => {
      const { waiting, held } = await administration.messagesIn('ConfigurationQueue');
      return waiting === 0 && held === 1 ? true : undefined;
    });
  });

  await step('the next configuration works: configured, with no authorization', async () => {
    const issued = simulator.issued.length;
    assert.equal(await put({ object: 'Contact' }), version + 2);
    const shown = await integrationStatus(api, first, version + 2);
    assert.equal(shown.status, 'configured', String(shown.reason));
    assert.equal(shown.reason, undefined);
    await untilReceived({ ...sent(version + 2), configuration: { object: 'Contact' } });
    assert.equal(simulator.issued.length, issued);
  });

  await step('what is refused: another integration (404), no configuration (400)', async () => {
    const elsewhere = '/integrations/globex/crm-sync';
    assert.equal((await api.call(404, 'GET', elsewhere)).code, 'unknown_integration');
    const put404 = await api.call(404, 'PUT', `${elsewhere}/configuration`, { configuration: {} });
    assert.equal(put404.code, 'unknown_integration');
    const put400 = await api.call(400, 'PUT', `${integrationPathOf(first)}/configuration`, {});
    assert.equal(put400.code, 'invalid_request');
  });

  function sent(configurationVersion: number) {
    const { tenant, integration } = first;
    return { connection_id: connectionId, tenant, integration, configuration_version: configurationVersion };
  }

  async function untilReceived(event: Readonly<Record<string, unknown>>): Promise<void> {
    // Its role was granted `crm` alone; of the other app it is refused the list.
    const wanted = { ...event, salesforce: 200, ownApp: 200, otherApp: 403 };
    await until("the function's log has what it received", soonMs, async () => {
      const received = receivedEvents(await logs());
      return received.some((one) => isDeepStrictEqual(one, wanted)) ? true : undefined;
    });
  }
}

function receivedEvents(logs: string): unknown[] {
  return logs.split('\n').flatMap((line) => {
    const at = line.indexOf(receivedMark);
    return at < 0 ? [] : [JSON.parse(line.slice(at + receivedMark.length))];
  });
}
