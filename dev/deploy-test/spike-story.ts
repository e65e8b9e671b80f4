/**
 * A chapter of a dying org: three connections of one org are killed at Salesforce, and one of them is due. Its death pulls
 * the others forward, and one spike reaches who subscribed to it, and nobody else.
 *
 * The schedules tick once a minute; here their Lambdas are invoked directly, as the schedule invokes them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Alert } from '../../functions/core/alert.ts';
import type { AlertListeners, Envelope } from './alert-listeners.ts';
import { alertQueues, doomedApp } from './alert-queues.ts';
import { until } from './poll.ts';
import { doomedClient } from './recording-simulator.ts';
import type { Story } from './story.ts';

const users = ['alan@globex.example', 'mary@globex.example', 'edsger@globex.example'] as const;
/** A wave of refreshes is spread over 20 s. */
const alertedWithinMs = 60_000;

const notShown = `Of alerts the emulator does not show: signatures (its own are fake), HTTPS endpoints and the SubscribeURL (it posts over plain
HTTP, and was confirmed by the token), mails, the Slack channel, delivery retries and the dead-letter queue of deliveries.
Nor the incident in GET /health: the emulator answers that path by itself, whatever the host.`;

export async function tellOfSpike(story: Story, listeners: AlertListeners): Promise<void> {
  const ids = await connectOrg(story);
  const org = String(ids[0]?.split('.')[1]);
  await story.step('an HTTP endpoint subscribes to the alerts and confirms', () => listeners.subscribeEndpoint());
  const spike = await kill(story, listeners, ids[0] ?? '');
  await judge(story, listeners, spike, org);
  console.log(notShown);
}

async function connectOrg({ api, customer, step }: Story): Promise<string[]> {
  return step('three users of an org connect another app, without a claim', async () => {
    for (const [n, username] of users.entries()) {
      const invitation = { app: doomedApp, tenant: 'globex', integration: `crm-${n}` };
      const back = await customer.authorize(username, await customer.invite(invitation));
      assert.equal(back.status, 'connected');
    }
    const { connections } = await api.call(200, 'GET', `/connections?app=${doomedApp}`);
    const ids = (connections as { id: string }[]).map(({ id }) => id);
    assert.equal(ids.length, users.length);
    return ids;
  });
}

function kill(
  { administration, simulator, step }: Story,
  listeners: AlertListeners,
  firstId: string,
): Promise<Envelope> {
  return step(
    'Salesforce ends all their grants; one of them is due: the others are pulled forward, and the spike arrives',
    async () => {
      assert.equal(simulator.revokeApp(doomedClient.clientId), users.length);
      await administration.makeDue(firstId);
      return until('the spike is in its queue', alertedWithinMs, async () => {
        await listeners.tick('schedule-refreshes');
        await listeners.tick('maintain');
        const [envelope, ...more] = await listeners.receive(alertQueues.spikes);
        assert.deepEqual(more, [], 'one incident, one alert');
        return envelope;
      });
    },
    ({ Subject = '' }) => Subject,
  );
}

async function judge({ step }: Story, listeners: AlertListeners, envelope: Envelope, org: string): Promise<void> {
  const spike = alertIn(envelope);
  await step(
    'it is what docs/alert.schema.json says, and names app, org and numbers; its attributes are those of the filter',
    async () => {
      assert.equal(faultsOf(spike), undefined);
      assert.deepEqual([spike.type, spike.app, spike.org_id], ['invalid_grant_spike', doomedApp, org]);
      assert.equal(spike.counts.failed, users.length);
      const attributes = Object.entries(envelope.MessageAttributes ?? {}).map(([name, { Value }]) => [name, Value]);
      assert.deepEqual(Object.fromEntries(attributes), {
        type: spike.type,
        app: doomedApp,
        org_id: org,
        severity: 'critical',
      });
      return spike.summary;
    },
    (summary) => summary,
  );

  await step(
    'the HTTP endpoint got it too, under the same id; who asked for alerts of another app got nothing',
    async () => {
      const posted = await until('the spike was posted', 5_000, async () =>
        listeners.posted.find(
          ({ kind, envelope: { Message } }) => kind === 'Notification' && Message.includes(spike.id),
        ),
      );
      assert.deepEqual(alertIn(posted.envelope), spike);
      assert.deepEqual(await listeners.receive(alertQueues.others), []);
      assert.deepEqual(await listeners.receive(alertQueues.spikes), [], 'and no second one came');
    },
  );
}

function alertIn({ Message }: Envelope): Alert {
  return JSON.parse(Message) as Alert;
}

function faultsOf(alert: Alert): string | undefined {
  const schema = JSON.parse(readFileSync(new URL('../../docs/alert.schema.json', import.meta.url), 'utf8'));
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  addFormats.default(ajv);
  return ajv.validate(schema, alert) ? undefined : ajv.errorsText();
}
