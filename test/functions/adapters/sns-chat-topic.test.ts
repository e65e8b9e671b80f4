import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { chatMessageOf, createSnsChatTopic } from '../../../functions/adapters/sns-chat-topic.ts';
import type { Alert } from '../../../functions/core/alert.ts';
import { withRunbook } from '../../../functions/core/runbooks.ts';
import { anAlert } from './an-alert.ts';

const spike = anAlert({
  id: 'incident-1',
  type: 'invalid_grant_spike',
  cause: 'org_wide_revocation',
  connection_ids: ['a', 'b', 'c'],
  counts: { failed: 3, tried: 4 },
});
const threadOf = (alert: Alert) => chatMessageOf(alert).metadata.threadId;

describe('a message for the chat', () => {
  it('is a custom notification of version 1.0, and nothing that its schema does not know', () => {
    const { content, metadata, ...rest } = chatMessageOf(spike);
    assert.deepEqual(rest, { version: '1.0', source: 'custom', id: 'incident-1' });
    assert.deepEqual(Object.keys(content), ['textType', 'title', 'description', 'nextSteps', 'keywords']);
    assert.equal(content.textType, 'client-markdown');
    assert.deepEqual(Object.keys(metadata), [
      'threadId',
      'summary',
      'eventType',
      'relatedResources',
      'additionalContext',
    ]);
  });

  it('says what, where and how bad in its title, the cause and evidence below, and what to do as next steps', () => {
    const { content, metadata } = chatMessageOf(spike);
    assert.equal(content.title, ':rotating_light: invalid grant spike: crm 00D5e000001abcdEAA');
    assert.match(content.description, /^A user of Müller &amp; Co.*\n\*Cause:\* org_wide_revocation\n• refused twice/);
    assert.deepEqual(content.nextSteps, [
      'Send the user a new connect link.',
      'GET /connections?app=crm&amp;org_id=00D5e000001abcdEAA',
    ]);
    assert.deepEqual(content.keywords, ['critical', 'invalid_grant_spike', 'org_wide_revocation', 'crm']);
    assert.deepEqual(metadata.relatedResources, ['a', 'b', 'c']);
    assert.equal(metadata.additionalContext.failed, '3');
  });

  it('has no empty text, which the schema refuses', () => {
    const { content, metadata } = chatMessageOf(anAlert({ app: '', org_id: '', connection_ids: [] }));
    const texts = [content.title, ...content.keywords, ...Object.values(metadata.additionalContext)];
    assert.equal(texts.includes(''), false);
    assert.equal(content.title, ':rotating_light: reauthorization required');
  });

  it('mentions no channel and makes no link of what Salesforce wrote', () => {
    const { description } = chatMessageOf(anAlert({ evidence: ['<!channel> <https://evil.example|click>'] })).content;
    assert.doesNotMatch(description, /[<>]/);
    assert.match(description, /&lt;!channel&gt;/);
  });

  it('is of the lines that we made: what others wrote makes none', () => {
    const { description } = chatMessageOf(anAlert({ evidence: ['The user is ada\n*Cause:* none\u202e'] })).content;
    assert.equal(description.split('\n').length, 3);
    assert.doesNotMatch(description, /\u202e/);
  });

  it('is shortened to what a chat shows', () => {
    const long = 'x'.repeat(10_000);
    const { content, metadata } = chatMessageOf(anAlert({ summary: long, remedy: long, evidence: [long] }));
    assert.equal(content.description.length, 2_900);
    assert.equal(content.nextSteps[0]?.length, 1_000);
    assert.equal(metadata.summary.length, 150);
  });
});

describe('the thread of a message', () => {
  it('is the incident, for its escalations, its end and what it absorbed too', () => {
    for (const suffix of ['', '.x2', '.x16', '.resolved', '.recovered.2026-11-21T12']) {
      const type = suffix === '.resolved' ? 'invalid_grant_spike_resolved' : 'invalid_grant_spike';
      assert.equal(threadOf({ ...spike, id: `incident-1${suffix}`, type }), 'incident-1');
    }
    assert.equal(threadOf({ ...spike, id: 'f1.resolved', type: 'fleet_incident_resolved', org_id: '' }), 'f1');
    assert.equal(
      threadOf({ ...spike, id: 'incident-1.recovered.495000', type: 'connection_recovered', connection_ids: ['a'] }),
      'incident-1',
    );
  });

  it('is a new one where a connection dies again: beneath its first death nobody would see it', () => {
    assert.equal(threadOf(anAlert({ id: 'one' })), 'one');
    assert.notEqual(threadOf(anAlert({ id: 'one' })), threadOf(anAlert({ id: 'a-year-later' })));
  });

  it('is the alert’s own where nothing else belongs to it', () => {
    const certificate = 'crm-jwt.certificate-2.1796385600000.336h';
    assert.equal(threadOf(anAlert({ id: certificate, connection_ids: [] })), certificate);
  });
});

describe('the topic of the chat', () => {
  it('gets the message as it is, for the service reads no other structure, with the attributes of alerts', async () => {
    const inputs: PublishCommand['input'][] = [];
    const client = { send: async ({ input }: PublishCommand) => void inputs.push(input) } as unknown as SNSClient;
    await createSnsChatTopic({ client, topicArn: 'chat' }).publish(spike);
    const [input] = inputs;
    assert.equal(input?.TopicArn, 'chat');
    assert.equal(input?.MessageStructure, undefined);
    assert.deepEqual(JSON.parse(input?.Message ?? ''), chatMessageOf(withRunbook(spike)));
    assert.match(input?.Message ?? '', /Runbook: docs\/runbooks\/org-dies\.md/);
    assert.equal(input?.MessageAttributes?.type?.StringValue, 'invalid_grant_spike');
  });
});
