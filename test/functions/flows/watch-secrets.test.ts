import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { parseConfig } from '../../../functions/core/config.ts';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';
import type { SecretAge } from '../../../functions/core/ports.ts';
import { lookEveryMs } from '../../../functions/flows/hourly-look.ts';
import { createMaintain } from '../../../functions/flows/maintain.ts';
import { createWatchSecrets } from '../../../functions/flows/watch-secrets.ts';
import { type MemoryPorts, memoryPorts, remaining } from '../../support/memory-ports.ts';

const dayMs = 86_400_000;

let ports: MemoryPorts;
let asked: string[];
let counted: string[];
/** What Secrets Manager says; a test sets it. */
let answer: (app: string) => SecretAge;

beforeEach(() => {
  asked = [];
  counted = [];
  ports = memoryPorts({
    config: parseConfig(
      {
        apps: {
          crm: { clientId: 'crm', clientSecretMaxAgeDays: 30 },
          mobile: { clientId: 'mobile', clientAuthentication: 'none' },
          signs: { clientId: 'signs', flow: 'jwt_bearer' },
          service: { clientId: 'service', flow: 'client_credentials', loginUrl: 'https://acme.my.salesforce.com' },
        },
      },
      'test',
    ),
    secretAges: {
      of: async (app) => {
        asked.push(app);
        return answer(app);
      },
    },
    metrics: { add: (name) => void counted.push(name) },
  });
  const changedAt = ports.clock.now() - 28 * dayMs;
  answer = (app) => (app === 'crm' ? { set: true, changedAt } : { set: false });
});

const appOf = (name: string) => ports.store.inner.apps.read(name);
const maintain = () => ports.clock.run(createMaintain(ports)(remaining(ports.clock)));

describe('a look at the client secrets', () => {
  it('asks for those of the apps that have one, keeps what it saw, and owes an alert', async () => {
    await createWatchSecrets(ports)();
    assert.deepEqual(asked, ['crm', 'service']);
    assert.equal((await appOf('crm'))?.secret?.changedAt, ports.clock.now() - 28 * dayMs);
    assert.equal(Object.keys((await appOf('crm'))?.duties ?? {}).length, 1);
    assert.deepEqual((await appOf('service'))?.secret?.set, false);
    assert.deepEqual((await appOf('service'))?.duties, {});
    for (const other of ['mobile', 'signs']) assert.equal(await appOf(other), undefined);
  });

  it('is enough for an hour, in this process and in every other', async () => {
    const watch = createWatchSecrets(ports);
    await watch();
    ports.clock.advance(lookEveryMs - 1);
    await watch();
    await createWatchSecrets(ports)();
    assert.equal(asked.length, 2);
    ports.clock.advance(1);
    await watch();
    assert.equal(asked.length, 4);
  });

  it('that fails for one app leaves the others alone, and forgets nothing', async () => {
    const good = answer;
    await createWatchSecrets(ports)();
    answer = (app) => {
      if (app === 'crm') throw new Error('Secrets Manager did not answer.');
      return good(app);
    };
    ports.clock.advance(lookEveryMs);
    await createWatchSecrets(ports)();
    assert.equal((await appOf('crm'))?.secret?.lookedAt, ports.clock.now() - lookEveryMs);
    assert.equal((await appOf('service'))?.secret?.lookedAt, ports.clock.now());
    assert.match(ports.logged.join(), /error: The client secret of an app could not be looked at/);
  });

  it('at an app whose secret is not there is a look all the same', async () => {
    answer = (app) => {
      throw new AppMisconfiguredError(app, 'There is no secret.');
    };
    await createWatchSecrets(ports)();
    assert.equal((await appOf('crm'))?.secret?.set, false);
    assert.match(ports.logged.join(), /warn: The app has no client secret/);
  });
});

describe('the alert of an old client secret', () => {
  it('goes out once for each value, by whoever comes first, and is counted', async () => {
    for (let hours = 0; hours < 100; hours += 1) {
      await maintain();
      ports.clock.advance(lookEveryMs);
    }
    assert.deepEqual(
      ports.published.map(({ type, app, cause }) => [type, app, cause]),
      [['expiry_approaching', 'crm', 'client_secret_old']],
    );
    assert.equal(counted.filter((name) => name === 'ExpiryWarnings').length, 1);
    const changedAt = ports.clock.now();
    answer = () => ({ set: true, changedAt });
    await maintain();
    ports.clock.advance(28 * dayMs);
    await maintain();
    await maintain();
    assert.equal(new Set(ports.published.map(({ id }) => id)).size, ports.published.length);
    assert.equal(ports.published.filter(({ app }) => app === 'crm').length, 2);
  });

  it('is not owed twice where two processes look at once', async () => {
    await Promise.all([createWatchSecrets(ports)(), createWatchSecrets(ports)()]);
    await maintain();
    await maintain();
    assert.equal(ports.published.length, 1);
  });

  it('is taken back where the secret was changed before it was published', async () => {
    await createWatchSecrets(ports)();
    answer = () => ({ set: true, changedAt: ports.clock.now() });
    ports.clock.advance(lookEveryMs);
    await createWatchSecrets(ports)();
    await maintain();
    assert.deepEqual(ports.published, []);
  });

  it('waits where the function has little time left', async () => {
    await ports.clock.run(createMaintain(ports)(() => 19_999));
    assert.deepEqual(asked, []);
  });
});
