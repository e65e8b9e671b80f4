/** Scenes of what a connect session leaves: links not yet opened, codes half exchanged, claims not yet made. */
import assert from 'node:assert/strict';
import { otherOrg } from '../../test/support/flow.ts';
import type { Scene } from './scene.ts';
import { revokedLater, startSession, toCallback, walk } from './scene-acts.ts';
import { hasGrant, refuseAnswers } from './scene-writes.ts';

export const sessionScenes = {
  fresh: {
    leaves: 'a callback just done: tokens under keys of their own, a configuration to be run',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect({ configuration: { table: 'accounts' } });
      return { connection };
    },
  },
  'link-owed': {
    leaves: 'a callback whose process died behind its token write',
    async act(world) {
      world.onWrite((after) => (hasGrant(after) ? 'die' : undefined));
      const session = await toCallback(world);
      return { session };
    },
  },
  'exchange-unanswered': {
    leaves: 'a session whose code was sent, and its process killed before an answer',
    async act(world) {
      const { flow } = world;
      flow.simulator.switches.slowAfterMs = 30_000;
      const session = await startSession(world);
      void walk(world, session.url).catch(() => undefined);
      await flow.clock.someoneWaits(30_000);
      flow.simulator.switches.slowAfterMs = 0;
      return { session: session.id };
    },
  },
  sessions: {
    leaves: 'sessions that are pending, opened, refused and signed in',
    async act(world) {
      const { flow } = world;
      const pending = await startSession(world);
      const opened = await startSession(world, { integration: 'opened' });
      await flow.browser().open(opened.url);
      flow.simulator.switches.nextErrors = [revokedLater, revokedLater, revokedLater];
      const refused = await toCallback(world, { integration: 'refused', expected_org_id: otherOrg.id });
      const signedIn = await toCallback(world, { app: 'crm-login', integration: 'login' });
      return { pending: pending.id, pendingPath: new URL(pending.url).pathname, opened: opened.id, refused, signedIn };
    },
  },
  claim: {
    leaves: 'a session that waits for its claim',
    claiming: true,
    async act(world) {
      const { flow } = world;
      const session = await startSession(world, { return_to: 'http://127.0.0.1:9/back' });
      const callback = await walk(world, session.url);
      const claim = new URL(callback.headers.get('location') ?? '').searchParams.get('claim') ?? '';
      assert.notEqual(claim, '');
      await flow.stack.tick();
      return { session: session.id, claim };
    },
  },
  'code-in-lifeboat': {
    leaves: 'the answer of a code exchange that lies in the lifeboat only',
    async act(world) {
      refuseAnswers(world);
      return { session: await toCallback(world) };
    },
  },
  'duty-in-lifeboat': {
    leaves: 'a refused grant whose revocation is owed in the lifeboat only',
    async act(world) {
      refuseAnswers(world, (after) => after.status === 'failed');
      world.flow.simulator.switches.nextErrors = [revokedLater];
      return { session: await toCallback(world, { expected_org_id: otherOrg.id }) };
    },
  },
} as const satisfies Record<string, Scene>;
