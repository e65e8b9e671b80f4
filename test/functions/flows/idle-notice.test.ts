import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../functions/core/config.ts';
import { createMaintainHandler } from '../../../functions/handlers/maintain.ts';
import { dyingAfterWatch } from '../../support/dying.ts';
import { minuteMs, type OrgWorld, orgIdOf, orgWorld } from '../../support/org-world.ts';
import { refused, type Turn } from '../../support/token-server.ts';
import { lambdaContext } from '../runtime/lambda-event.ts';

/** Two days: warned of twelve hours before, if no refresh succeeds for 36. */
const limitMinutes = 2 * 24 * 60;
const noticeMinutes = 12 * 60;
const config = parseConfig({ apps: { crm: { clientId: 'crm-client', idleLimitDays: 2 } } }, 'test');

interface KeptOut extends OrgWorld {
  blocked: boolean;
}

/** Orgs whose administrators keep the app out from now on; the tokens were used an hour ago. */
async function keptOut(...sizes: number[]): Promise<KeptOut> {
  const world: KeptOut = Object.assign(orgWorld({ config }), { blocked: true });
  const blocked = refused('invalid_grant', 'ip restricted');
  const turn: Turn = (process, request) => (world.blocked ? blocked(process, request) : process());
  world.ports.server.next('refresh', ...Array<Turn>(20_000).fill(turn));
  for (const [index, size] of sizes.entries()) {
    await world.seed(index + 1, size);
    await world.makeDue(index + 1, 1);
  }
  return world;
}

const untilNotice = limitMinutes - 60 - noticeMinutes;
const warnings = ({ alerts }: OrgWorld) => alerts.filter(({ type }) => type === 'expiry_approaching');

describe('an org that is kept out until its tokens idle out', () => {
  it('is warned of once, for all of them, and a single connection by its own alert', async () => {
    const world = await keptOut(20, 1);
    await world.minutes(untilNotice - 2);
    assert.deepEqual(warnings(world), [], 'not before its time');
    await world.minutes(noticeMinutes);
    const told = warnings(world).toSorted((a, b) => b.counts.connections! - a.counts.connections!);
    assert.deepEqual(
      told.map(({ org_id, counts }) => [org_id, counts.connections]),
      [
        [orgIdOf(1), 20],
        [orgIdOf(2), 1],
      ],
    );
    assert.deepEqual(told[1]?.connection_ids, [(await world.connection(2, 1)).id]);
    assert.deepEqual((await world.org(1))?.duties, {});
    assert.deepEqual((await world.connection(1, 7)).duties, {});
  });

  it('is warned of by whoever sweeps, where the process died between writing and telling', async () => {
    const world = await keptOut(5);
    await world.minutes(untilNotice - 1);
    const { ports } = world;
    ports.clock.advance(3 * minuteMs);
    const mortal = dyingAfterWatch(ports, ({ idleNotice }) => idleNotice !== undefined);
    await ports.clock.run(createMaintainHandler(mortal)({}, lambdaContext()).catch(() => undefined));
    assert.ok((await world.org(1))?.idleNotice);
    assert.deepEqual(warnings(world), []);
    await world.minutes(5);
    assert.equal(warnings(world).length, 1);
    assert.equal(warnings(world)[0]?.counts.connections, 5);
  });

  it('is not warned of when it is let in again before that, nor for what it was warned of before', async () => {
    const world = await keptOut(5);
    await world.minutes(10 * 60);
    world.blocked = false;
    await world.minutes(38 * 60);
    assert.deepEqual(warnings(world), []);
    world.blocked = true;
    await world.minutes(2 * 24 * 60);
    assert.equal(warnings(world).length, 1, 'the next time is another end');
  });
});
