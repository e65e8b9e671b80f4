import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { parseConfig } from '../../../functions/core/config.ts';
import { AppMisconfiguredError, KeysUnavailableError, StoreUnavailableError } from '../../../functions/core/errors.ts';
import type { CertificateEnd } from '../../../functions/core/ports.ts';
import { lookEveryMs } from '../../../functions/flows/hourly-look.ts';
import { createMaintain } from '../../../functions/flows/maintain.ts';
import { createWatchCertificates } from '../../../functions/flows/watch-certificates.ts';
import { type MemoryPorts, memoryPorts, remaining } from '../../support/memory-ports.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

let ports: MemoryPorts;
let asked: string[];
/** What the key service answers; a test sets it. */
let answer: (app: string) => CertificateEnd[];

beforeEach(() => {
  asked = [];
  ports = memoryPorts({
    config: parseConfig(
      {
        apps: {
          crm: { clientId: 'crm' },
          one: { clientId: 'one', flow: 'jwt_bearer' },
          two: { clientId: 'two', flow: 'jwt_bearer', signingKey: 'pem' },
        },
      },
      'test',
    ),
    signingKeys: {
      of: async () => assert.fail('nothing is signed'),
      certificateEnds: async (app) => {
        asked.push(app);
        return answer(app);
      },
    },
  });
  const endsAt = ports.clock.now() + 10 * dayMs;
  answer = (app) => (app === 'one' ? [{ id: '1', endsAt }] : [{ id: '1', endsAt: undefined }]);
});

const appOf = (name: string) => ports.store.inner.apps.read(name);

describe('a look at the certificates', () => {
  it('asks for those of the apps that sign, keeps what it saw, and owes an alert', async () => {
    await createWatchCertificates(ports)();
    assert.deepEqual(asked, ['one', 'two']);
    assert.equal((await appOf('one'))?.certificates?.ends[0]?.endsAt, ports.clock.now() + 10 * dayMs);
    assert.equal(Object.keys((await appOf('one'))?.duties ?? {}).length, 1);
    assert.deepEqual((await appOf('two'))?.certificates?.ends, [{ id: '1' }]);
    assert.deepEqual((await appOf('two'))?.duties, {});
    assert.equal(await appOf('crm'), undefined);
  });

  it('is enough for an hour, in this process and in every other', async () => {
    const watch = createWatchCertificates(ports);
    await watch();
    ports.store.resetCalls();
    for (let minutes = 1; minutes < 60; minutes += 1) {
      ports.clock.advance(minuteMs);
      await watch();
    }
    assert.equal(ports.store.calls.size, 0);
    await createWatchCertificates(ports)();
    assert.equal(asked.length, 2);
    ports.clock.advance(minuteMs);
    await watch();
    assert.equal(asked.length, 4);
  });

  it('of another process is believed until its hour is over, not for an hour from now', async () => {
    await createWatchCertificates(ports)();
    ports.clock.advance(lookEveryMs - minuteMs);
    const watch = createWatchCertificates(ports);
    await watch();
    assert.equal(asked.length, 2);
    ports.clock.advance(minuteMs);
    await watch();
    assert.equal(asked.length, 4);
  });

  it('that fails for one app is taken again in ten minutes, and leaves the others alone', async () => {
    const good = answer;
    answer = (app) => {
      if (app === 'one') throw new KeysUnavailableError('KMS did not answer.');
      return good(app);
    };
    const watch = createWatchCertificates(ports);
    await watch();
    assert.equal(await appOf('one'), undefined);
    assert.notEqual(await appOf('two'), undefined);
    assert.match(ports.logged.join(), /error: The certificates of an app could not be looked at/);
    answer = good;
    ports.clock.advance(9 * minuteMs);
    await watch();
    assert.equal(await appOf('one'), undefined);
    ports.clock.advance(minuteMs);
    await watch();
    assert.equal(Object.keys((await appOf('one'))?.duties ?? {}).length, 1);
  });

  it('at an app without a key is a look all the same', async () => {
    answer = (app) => {
      throw new AppMisconfiguredError(app, 'It has no key.');
    };
    await createWatchCertificates(ports)();
    assert.deepEqual((await appOf('one'))?.certificates, { lookedAt: ports.clock.now(), ends: [], alerted: [] });
    assert.match(ports.logged.join(), /warn: The app has no signing key/);
  });
});

describe('the alert of a certificate', () => {
  const maintain = () => ports.clock.run(createMaintain(ports)(remaining(ports.clock)));

  it('goes out once, by whoever comes first', async () => {
    await maintain();
    await maintain();
    await maintain();
    assert.deepEqual(
      ports.published.map(({ type, app }) => [type, app]),
      [['expiry_approaching', 'one']],
    );
    assert.deepEqual((await appOf('one'))?.duties, {});
  });

  it('outlives the process that found it', async () => {
    await createWatchCertificates(ports)();
    assert.equal(ports.published.length, 0);
    await maintain();
    assert.equal(ports.published.length, 1);
    ports.clock.advance(lookEveryMs);
    await maintain();
    await maintain();
    assert.equal(ports.published.length, 1);
  });

  it('is not owed twice where two processes look at once', async () => {
    await Promise.all([createWatchCertificates(ports)(), createWatchCertificates(ports)()]);
    await maintain();
    await maintain();
    assert.equal(ports.published.length, 1);
  });

  it('comes again two days before the end, critical then', async () => {
    for (let days = 0; days < 12; days += 1) {
      await maintain();
      await maintain();
      ports.clock.advance(dayMs);
    }
    assert.deepEqual(
      ports.published.map(({ severity }) => severity),
      ['warning', 'critical'],
    );
    assert.equal(new Set(ports.published.map(({ id }) => id)).size, 2);
  });

  it('waits where the function has little time left', async () => {
    await ports.clock.run(createMaintain(ports)(() => 19_999));
    assert.deepEqual(asked, []);
  });

  it('is not lost with a store that refuses its write', async () => {
    const { apps } = ports.store;
    const refusing = { ...apps, create: () => Promise.reject(new StoreUnavailableError('No.')) };
    await createWatchCertificates({ ...ports, store: { ...ports.store, apps: refusing } })();
    assert.equal(await appOf('one'), undefined);
    await maintain();
    await maintain();
    assert.equal(ports.published.length, 1);
  });
});
