import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerClientSecrets } from '../../functions/adapters/secrets-manager-client-secrets.ts';
import { playedAws } from '../functions/adapters/played-aws.ts';
import { type Flow, otherUser, startFlow, worksAtSalesforce } from '../support/flow.ts';

const hourMs = 3_600_000;
const client = 'local-client';
const [before, after] = ['local-secret', 'the-next-secret'];

interface Rotation {
  readonly flow: Flow;
  readonly connectionId: string;
  /** What Secrets Manager holds; `secretsmanager put-secret-value` and `update-secret-version-stage`. */
  readonly stages: Partial<Record<'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS', string>>;
  /** Which secrets Salesforce takes, the newest last. */
  salesforceTakes(...secrets: string[]): void;
}

/**
 * Over the deployed adapter, whose cache runs on the real clock: in these flows nothing in it ever ends by itself, which is
 * the worst that a warm process can do.
 */
async function rotating(test: TestContext, run: (rotation: Rotation) => Promise<void>): Promise<void> {
  const stages: Rotation['stages'] = { AWSCURRENT: before };
  const { config } = await playedAws(test, ({ body }) => {
    const value = stages[body.VersionStage as keyof Rotation['stages']];
    if (value !== undefined) return { body: { SecretString: value, Name: body.SecretId } };
    return { status: 400, body: { __type: 'ResourceNotFoundException', message: 'no value at this stage' } };
  });
  const manager = new SecretsManagerClient({ ...config, maxAttempts: 1 });
  const flow = await startFlow({
    change: (ports) => ({
      ...ports,
      secrets: createSecretsManagerClientSecrets({ client: manager, prefix: 'grantkeeper/', now: ports.clock.now }),
    }),
  });
  try {
    const { connectionId } = await flow.connect();
    await flow.stack.tick();
    const salesforceTakes = (...clientSecrets: string[]) => flow.simulator.changeApp(client, { clientSecrets });
    await run({ flow, connectionId, stages, salesforceTakes });
  } finally {
    await flow.close();
    manager.destroy();
  }
}

/** The next refresh, three hours on, and what came of it. */
async function refreshes({ flow, connectionId }: Rotation): Promise<void> {
  flow.clock.advance(3 * hourMs);
  await flow.stack.tick();
  const token = await flow.token(connectionId);
  assert.equal(token.status, 200, JSON.stringify(token.body));
  assert.ok(await worksAtSalesforce(token));
  assert.deepEqual(flow.stack.alerts(), []);
}

describe('a client secret is rotated', () => {
  it('by the runbook: staged, applied, moved, and each refresh in between goes through', (test) =>
    rotating(test, async (rotation) => {
      const { stages, salesforceTakes, flow } = rotation;
      await refreshes(rotation);
      // Step 1: generated in Salesforce, both are valid.
      salesforceTakes(before, after);
      await refreshes(rotation);
      // Step 2: beside the one in use.
      stages.AWSPENDING = after;
      await refreshes(rotation);
      // Step 4: the one in use from now on.
      Object.assign(stages, { AWSCURRENT: after, AWSPREVIOUS: before, AWSPENDING: undefined });
      await refreshes(rotation);
      // Step 6: Salesforce forgets the old one.
      salesforceTakes(after);
      await refreshes(rotation);
      assert.equal((await flow.connect({ integration: 'later' }, otherUser)).session.status, 'connected');
    }));

  it('in Salesforce first: the staged secret is asked with, though it is not the one in use', (test) =>
    rotating(test, async (rotation) => {
      rotation.stages.AWSPENDING = after;
      rotation.salesforceTakes(after);
      await refreshes(rotation);
      const { session } = await rotation.flow.connect({ integration: 'later' }, otherUser);
      assert.equal(session.status, 'connected', 'a code is exchanged with it too, and its signature believed');
    }));

  it('here first: the previous secret is asked with until Salesforce takes the new one', (test) =>
    rotating(test, async (rotation) => {
      Object.assign(rotation.stages, { AWSCURRENT: after, AWSPREVIOUS: before });
      await rotation.flow.stack.tick();
      await refreshes(rotation);
      rotation.salesforceTakes(after);
      await refreshes(rotation);
    }));
});

describe('a client secret that leaked', () => {
  it('is replaced at once: what fails in between costs no token and is not called dead', (test) =>
    rotating(test, async (rotation) => {
      const { flow, connectionId, stages, salesforceTakes } = rotation;
      salesforceTakes(after);
      flow.clock.advance(3 * hourMs);
      await flow.stack.tick();
      assert.notEqual((await flow.token(connectionId)).status, 409);
      const shown = (await flow.api('GET', `/connections/${connectionId}`)).body;
      assert.equal(shown.status, 'active', 'the app is refused, not the user');
      assert.deepEqual(
        flow.stack.alerts().map(({ type }) => type),
        ['app_misconfigured'],
      );
      Object.assign(stages, { AWSCURRENT: after, AWSPREVIOUS: before });
      flow.clock.advance(16 * 60_000);
      await flow.stack.tick();
      const token = await flow.token(connectionId);
      assert.equal(token.status, 200, JSON.stringify(token.body));
      assert.ok(await worksAtSalesforce(token));
      assert.equal(flow.simulator.books.liveGrants().length, 1);
      // Put twice, the old one is at no stage any more: an answer signed with it is not believed.
      stages.AWSPREVIOUS = after;
      const sent = flow.simulator.books.requests({ endpoint: 'token' }).length;
      assert.equal((await flow.connect({ integration: 'later' }, otherUser)).session.status, 'connected');
      assert.equal(flow.simulator.books.requests({ endpoint: 'token' }).length, sent + 1, 'nobody sends the old one');
    }));
});
