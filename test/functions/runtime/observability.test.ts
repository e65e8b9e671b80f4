import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog, createMetrics } from '../../../functions/runtime/observability.ts';

function lines() {
  const written: string[] = [];
  return { write: (line: string) => written.push(line), parsed: () => written.map((line) => JSON.parse(line)) };
}

describe('a log line', () => {
  it('is JSON with level, message, service and the fields', () => {
    const { write, parsed } = lines();
    createLog({ service: 'refresh', write }).warn('Backing off', { connection_id: 'a.b.c', failures: 3 });
    const [line] = parsed();
    assert.deepEqual(
      [line.level, line.message, line.service, line.connection_id, line.failures],
      ['WARN', 'Backing off', 'refresh', 'a.b.c', 3],
    );
  });

  it('keeps fields whose names the logger reserves, under another name', () => {
    const { write, parsed } = lines();
    createLog({ service: 'refresh', write }).info('real', { message: 'other', level: 'x' });
    assert.equal(parsed().length, 1);
    const [line] = parsed();
    assert.deepEqual([line.message, line.level, line.field_message, line.field_level], ['real', 'INFO', 'other', 'x']);
  });

  it('below the level is not written', () => {
    const { write, parsed } = lines();
    const log = createLog({ service: 'refresh', write, level: 'WARN' });
    log.info('quiet');
    log.error('loud');
    assert.deepEqual(
      parsed().map(({ message }) => message),
      ['loud'],
    );
  });
});

describe('metrics', () => {
  it('are written as one EMF document in the namespace of its stack when they are flushed, once', () => {
    const { write, parsed } = lines();
    const metrics = createMetrics({ service: 'refresh', namespace: 'Grants-of-Staging', write });
    metrics.add('Refreshed', 1);
    metrics.add('Refreshed', 2);
    metrics.add('RefreshLatency', 12.5, 'Milliseconds');
    assert.deepEqual(parsed(), []);
    metrics.flush();
    metrics.flush();
    assert.equal(parsed().length, 1);
    const [document] = parsed();
    const [definition] = document._aws.CloudWatchMetrics;
    assert.equal(definition.Namespace, 'Grants-of-Staging');
    assert.deepEqual(definition.Dimensions, [['service']]);
    assert.deepEqual(definition.Metrics, [
      { Name: 'Refreshed', Unit: 'Count' },
      { Name: 'RefreshLatency', Unit: 'Milliseconds' },
    ]);
    assert.deepEqual([document.service, document.Refreshed, document.RefreshLatency], ['refresh', [1, 2], 12.5]);
  });

  it('of a request are written at once under its route, and leave what was added alone', () => {
    const { write, parsed } = lines();
    const metrics = createMetrics({ service: 'token', namespace: 'Grantkeeper', write });
    metrics.add('Reads', 1);
    metrics.observe({ route: 'GET /connections/{id}/token' }, [{ name: 'Requests', value: 1, unit: 'Count' }]);
    metrics.observe({ route: 'GET /connections' }, [{ name: 'Requests', value: 1, unit: 'Count' }]);
    assert.deepEqual(
      parsed().map((document) => [document.route, document.Requests, document.Reads]),
      [
        ['GET /connections/{id}/token', 1, undefined],
        ['GET /connections', 1, undefined],
      ],
    );
    assert.deepEqual(parsed()[0]._aws.CloudWatchMetrics[0].Dimensions, [['service', 'route']]);
  });

  it('lose no value where more are added than one document takes', () => {
    const { write, parsed } = lines();
    const metrics = createMetrics({ service: 'refresh', namespace: 'Grantkeeper', write });
    for (let count = 0; count < 250; count += 1) metrics.add('Refreshed', 1);
    metrics.flush();
    const values = parsed().flatMap(({ Refreshed }) => Refreshed);
    assert.equal(values.length, 250);
  });
});
