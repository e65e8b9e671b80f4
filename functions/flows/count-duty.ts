/**
 * The duty of the write by which a connection began to fail: its org's watch hears of it, some of the org's others are made
 * due, and the org is counted. Done by the process that was refused, right away, or by `maintain`.
 */
import { spikeThresholdsOf } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import type { CountDuty } from '../core/duty.ts';
import { newId } from '../core/new-id.ts';
import { type Touch, touchFailed } from '../core/touch-watch.ts';
import { orgWatchId, type Watch } from '../core/watch.ts';
import { change, type Decision } from './change.ts';
import type { DutyOutcome } from './do-duties.ts';
import { type JudgePorts, judgeOrg } from './judge-org.ts';

export function countDoer(ports: JudgePorts): (connection: Connection, duty: CountDuty) => Promise<DutyOutcome> {
  return async ({ app, orgId }, { since }) => {
    const windowMs = spikeThresholdsOf(ports.config, app).windowMinutes * 60_000;
    const { result, item } = await change<string, Watch, Touch>(
      ports.store.watches,
      orgWatchId(app, orgId),
      (current): Decision<Watch, Touch> => {
        const touch = touchFailed(current, { app, orgId }, since, windowMs, ports.clock.now());
        return touch.after === undefined ? { keep: true, result: touch } : { write: touch.after, result: touch };
      },
      { writeId: `${newId(ports.random)}.touch` },
    );
    if (item !== undefined && (result.judges || result.wave !== undefined)) await judgeOrg(ports, item, result.wave);
    return 'done';
  };
}
