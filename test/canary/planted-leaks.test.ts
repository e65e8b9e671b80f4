/**
 * Whether the watch would notice: a secret is let out into each sink by turns, by handlers and ports that are wrong on
 * purpose, and the flow's end must fail and name the sink. Without such a test a watch that looks at nothing passes.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Handler, Handlers } from '../../dev/local/lambda.ts';
import { createLocalHandlers } from '../../dev/local/local-handlers.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { anIntegration } from '../contract/items.ts';
import { anAlert } from '../functions/adapters/an-alert.ts';
import { createCanaryWatch, watchPorts } from '../support/canary-watch.ts';
import { type FlowOptions, startFlow } from '../support/flow.ts';
import { memoryPorts } from '../support/memory-ports.ts';

type Plant = (ports: Ports, secret: string) => unknown;

/** Done with the code as Salesforce gets it, in the middle of a callback. */
const plants: Readonly<Record<string, Plant>> = {
  log: ({ log }, secret) => log.info('An exchange begins', { detail: `with ${secret}` }),
  metrics: ({ metrics }, secret) => metrics.add(`Exchanged${secret}`, 1),
  alerts: ({ alerts }, secret) => alerts.publish({ ...anAlert(), evidence: [secret] }),
  refreshQueue: ({ refreshQueue }, secret) => refreshQueue.send([queued(secret)]),
  configurationQueue: ({ configurationQueue }, secret) =>
    configurationQueue.send({ version: 1, tenant: secret, integration: 'sync', configurationVersion: 1 }),
  configurationStep: ({ configurationStep }, secret) =>
    configurationStep.run({ ...anEvent, configuration: { secret } }),
  refresher: ({ refresher }, secret) => refresher.refresh(queued(secret).request).catch(() => undefined),
  // Gone from the item when the flow ends.
  'write of integrations': async ({ store }, secret) => {
    const passing = anIntegration('passing', 'sync', { reason: secret });
    await store.integrations.create(passing);
    await store.integrations.replace(passing, { ...passing, reason: 'none', revision: 2, writeId: 'later' });
  },
  table: ({ store }, secret) => store.integrations.create(anIntegration('other', 'sync', { reason: secret })),
};

const anEvent: Parameters<Ports['configurationStep']['run']>[0] = {
  connection_id: 'crm.00D000000000001AAA.005000000000001AAA',
  tenant: 'acme',
  integration: 'sync',
  configuration: null,
  configuration_version: 1,
};

function queued(secret: string): Parameters<Ports['refreshQueue']['send']>[0][number] {
  const generation = { grantId: secret, refreshes: 0 };
  return {
    request: { version: 1, connectionId: 'crm.00D000000000001AAA.005000000000001AAA', generation, reason: 'due' },
    orgId: '00D000000000001AAA',
    nextRefreshAt: 0,
  };
}

const duringExchange =
  (plant: Plant) =>
  (ports: Ports): Ports => ({
    ...ports,
    salesforce: {
      ...ports.salesforce,
      revoke: (...all) => ports.salesforce.revoke(...all),
      async exchangeCode(loginUrl, client, request, timeoutMs) {
        await plant(ports, request.code.reveal());
        return ports.salesforce.exchangeCode(loginUrl, client, request, timeoutMs);
      },
      refresh: (...all) => ports.salesforce.refresh(...all),
      exchangeAssertion: (...all) => ports.salesforce.exchangeAssertion(...all),
      askAsClient: (...all) => ports.salesforce.askAsClient(...all),
      introspect: (...all) => ports.salesforce.introspect(...all),
    },
  });

/** What a client would get from `name`, changed. */
function answering(name: keyof Handlers, change: (answer: Answer, event: Event) => unknown): FlowOptions {
  return {
    createHandlers(ports) {
      const handlers = createLocalHandlers(ports);
      const handler: Handler = async (event, context) =>
        change((await handlers[name](event, context)) as Answer, event as Event);
      return { ...handlers, [name]: handler };
    },
  };
}

interface Answer {
  readonly headers: Record<string, string>;
  readonly body?: string;
}

interface Event {
  readonly rawQueryString?: string;
  readonly cookies?: readonly string[];
}

/** One flow, to its end; answers what the end says. */
async function ended(options: FlowOptions): Promise<string> {
  const flow = await startFlow(options);
  try {
    const { connectionId } = await flow.connect();
    await flow.stack.tick().catch(() => undefined);
    if (connectionId !== undefined) await flow.token(connectionId);
  } catch (error) {
    await flow.close().catch(() => undefined);
    throw error;
  }
  return flow.close().then(
    () => 'nothing got out',
    (error: Error) => error.message,
  );
}

describe('the watch of a flow', () => {
  it('is content with the product as it is', async () => {
    assert.equal(await ended({}), 'nothing got out');
  });

  for (const [sink, plant] of Object.entries(plants)) {
    it(`notices a code in: ${sink}`, async () => {
      assert.match(await ended({ change: duringExchange(plant) }), new RegExp(`a secret got out[\\s\\S]*${sink}`));
    });
  }

  const shapes: Readonly<Record<string, (secret: string) => unknown>> = {
    'its end': (secret) => secret.slice(-20),
    'a piece of it': (secret) => secret.slice(20, 42),
    'in base64, within more': (secret) => Buffer.from(JSON.stringify({ secret })).toString('base64'),
    'in a URL, in JSON, in JSON': (secret) => JSON.stringify(JSON.stringify(encodeURIComponent(`?a=${secret}`))),
    'in hex': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
    'as bytes': (secret) => Buffer.from(secret),
    'as a name': (secret) => ({ [secret]: 1 }),
    'in one of many errors': (secret) => new AggregateError([new Error(secret)], 'all failed'),
    'what hangs on an error': (secret) => Object.assign(new Error('failed'), { request: { body: secret } }),
  };

  for (const [shape, made] of Object.entries(shapes)) {
    it(`notices a code: ${shape}`, async () => {
      const change = duringExchange(({ log }, secret) => log.warn('An exchange', { detail: made(secret) }));
      assert.match(await ended({ change }), /a secret got out[\s\S]*log/);
    });
  }

  it('notices a token in the lifeboat that is not sealed', async () => {
    const change = duringExchange(({ lifeboat }, secret) =>
      lifeboat.put({
        kind: 'duty',
        version: 1,
        connectionId: 'crm.00D000000000001AAA.005000000000001AAA',
        attemptId: 'attempt-1',
        at: 0,
        sessionId: 'session-1',
        error: { code: 'wrong_org', detail: secret, remedy: '' },
        duty: {
          kind: 'revoke',
          grantId: 'g',
          refreshes: 0,
          token: 't',
          reason: 'refused',
          since: 0,
          dueAt: 0,
          tries: 0,
          attempts: [],
          loginUrl: '',
        },
      } as unknown as Parameters<Ports['lifeboat']['put']>[0]),
    );
    assert.match(await ended({ change }), /a secret got out[\s\S]*lifeboat/);
  });

  const withQuery = (answer: Answer, { rawQueryString = '' }: Event) => ({
    ...answer,
    body: (answer.body ?? '').replace('</main>', `<p>${rawQueryString}</p></main>`),
  });
  const withCookies = (answer: Answer, { cookies = [] }: Event) => ({
    ...answer,
    headers: { ...answer.headers, 'x-debug': cookies.join() },
  });

  it('notices a code on a page', async () => {
    assert.match(await ended(answering('callback', withQuery)), /a secret got out[\s\S]*GET \/oauth\/callback/);
  });

  it('notices a cookie in a header', async () => {
    assert.match(await ended(answering('callback', withCookies)), /a secret got out[\s\S]*GET \/oauth\/callback/);
  });

  it('notices a secret in an error that a handler throws', async () => {
    let thrown = 0;
    const options = answering('maintain', (answer) => {
      thrown += 1;
      if (thrown === 1) throw new Error('failed', { cause: new TypeError(`at ${secretOfTest}`) });
      return answer;
    });
    assert.match(await ended(options), /a secret got out[\s\S]*error of maintain/);
  });

  it('notices a secret in what a function returns', async () => {
    const options = answering('schedule-refreshes', () => ({ queued: 0, by: secretOfTest }));
    assert.match(await ended(options), /a secret got out[\s\S]*result of schedule-refreshes/);
  });
});

const secretOfTest = '-----BEGIN PRIVATE KEY-----';

describe('the watch of ports in memory', () => {
  it('notices a token of the model, also where nothing marks it, and none in what is sealed', () => {
    const watch = createCanaryWatch({ pattern: /\brefresh-\d+-\d+\b/ });
    const { log, alerts } = watchPorts(quiet, watch);
    log.warn('A refresh failed', { error: new Error('outer', { cause: new Error('sent refresh-1-0') }) });
    alerts.publish({ ...anAlert(), summary: 'nothing to see' });
    assert.deepEqual(
      watch.leaks().map((leak) => leak.split(':')[0]),
      ['log'],
    );
  });

  it('hears keys and client secrets when they are used, and finds them in any sink', async () => {
    const watch = createCanaryWatch({ keeps: true });
    const ports = memoryPorts();
    const { keys, salesforce, metrics } = watchPorts(
      { ...quiet, keys: ports.keys, salesforce: ports.salesforce },
      watch,
    );
    const { plaintext } = await keys.generateDataKey({ purpose: 'access', scope: 'x' });
    metrics.add(Buffer.from(plaintext).toString('hex').slice(0, 64), 1);
    assert.equal(watch.leaks().length, 1);
    assert.ok(salesforce);
  });
});

const quiet: Pick<Ports, 'log' | 'metrics' | 'alerts'> = {
  log: { info() {}, warn() {}, error() {} },
  metrics: { add() {} },
  alerts: { publish: async () => {} },
};
