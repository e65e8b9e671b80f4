/** The minute's look at an org or a fleet where something goes on: it ends itself once nothing does. */
import type { WatchDuty } from '../core/duty.ts';
import { lookEveryMs } from '../core/touch-watch.ts';
import type { Watch } from '../core/watch.ts';
import type { DutyOutcome } from './do-duties.ts';
import { judgeFleet } from './judge-fleet.ts';
import { type JudgePorts, judgeOrg } from './judge-org.ts';

export function watchDoer(ports: JudgePorts): (watch: Watch, duty: WatchDuty) => Promise<DutyOutcome> {
  return async (watch) => {
    const goesOn =
      watch.kind === 'org' ? await judgeOrg(ports, watch) : (await judgeFleet(ports, watch.app, watch.kind)).goesOn;
    return goesOn ? { kind: 'wait', until: ports.clock.now() + lookEveryMs } : 'done';
  };
}
