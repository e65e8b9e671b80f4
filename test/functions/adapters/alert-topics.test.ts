import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AlertTopicError, createAlertTopics } from '../../../functions/adapters/alert-topics.ts';
import { anAlert } from './an-alert.ts';

/** A topic that keeps the ids that it took, and refuses while `down`. */
function topic() {
  const played = {
    down: false,
    took: [] as string[],
    publish: async ({ id }: { id: string }) => {
      if (played.down) throw new Error('KMS: access denied');
      played.took.push(id);
    },
  };
  return played;
}

function setUp() {
  const [alerts, chat] = [topic(), topic()];
  const counted: string[] = [];
  const all = createAlertTopics({ topics: { alerts, chat }, metrics: { add: (name) => counted.push(name) } });
  return { alerts, chat, counted, publish: (id: string) => all.publish(anAlert({ id })) };
}

describe('an alert for several topics', () => {
  it('goes to each', async () => {
    const { alerts, chat, counted, publish } = setUp();
    await publish('one');
    assert.deepEqual([alerts.took, chat.took, counted], [['one'], ['one'], []]);
  });

  for (const broken of ['alerts', 'chat'] as const) {
    it(`reaches the others where ${broken} refuses it, and has failed as a whole, so that it is tried again`, async () => {
      const world = setUp();
      const other = broken === 'alerts' ? world.chat : world.alerts;
      world[broken].down = true;
      await assert.rejects(world.publish('one'), (error) => {
        assert.ok(error instanceof AlertTopicError);
        assert.match(error.message, new RegExp(`The alert one was not taken by: ${broken}\\. `));
        assert.match(String(error.cause), /access denied/);
        return true;
      });
      assert.deepEqual([other.took, world[broken].took], [['one'], []]);
      assert.deepEqual(world.counted, ['AlertsNotPublished']);
      world[broken].down = false;
      await world.publish('one');
      assert.deepEqual([other.took, world[broken].took], [['one'], ['one']], 'each has it once');
    });
  }

  it('is published again to all by a process that knows nothing of the first try', async () => {
    const { alerts, chat, publish } = setUp();
    chat.down = true;
    await assert.rejects(publish('one'));
    chat.down = false;
    const other = createAlertTopics({ topics: { alerts, chat }, metrics: { add: () => undefined } });
    await other.publish(anAlert({ id: 'one' }));
    assert.deepEqual([alerts.took, chat.took], [['one', 'one'], ['one']]);
  });

  it('names every topic that refused it', async () => {
    const { alerts, chat, publish } = setUp();
    alerts.down = true;
    chat.down = true;
    await assert.rejects(publish('one'), /not taken by: alerts, chat\./);
  });

  it('is no other alert: what was taken of one says nothing of the next, nor of the same once it is whole', async () => {
    const { alerts, chat, publish } = setUp();
    chat.down = true;
    await assert.rejects(publish('one'));
    await assert.rejects(publish('two'));
    chat.down = false;
    for (const id of ['one', 'two', 'one']) await publish(id);
    assert.deepEqual(alerts.took, ['one', 'two', 'one']);
    assert.deepEqual(chat.took, ['one', 'two', 'one']);
  });
});
