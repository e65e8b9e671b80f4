/** What no write to a connection may do, whoever makes it: judged on the item before and after, and on the books. */
import type { Connection } from '../../functions/core/connection.ts';
import type { RevokeDuty } from '../../functions/core/duty.ts';
import { keyOf } from './ids.ts';
import { isUnclaimed } from './link-rules.ts';
import type { Monitor } from './monitor.ts';
import { generationOfToken } from './salesforce-books.ts';
import type { Process } from './world.ts';

/** Two clocks may differ by this. */
export const skewAtMostMs = 2_000;
const sevenDaysMs = 7 * 24 * 3_600_000;

export function checkConnectionWrite(
  monitor: Monitor,
  process: Process,
  before: Connection | undefined,
  after: Connection,
): void {
  alerts(monitor, before, after);
  revival(monitor, before, after);
  if (after.grant !== undefined && revokeDuty(after, after.grant.id) !== undefined) {
    monitor.breaks('4 we never evict ourselves', `the stored grant of ${after.id} is owed a revocation`);
  }
  if (after.flow !== 'authorization_code') monitor.logins.connectionWritten(process, before, after);
  if (before === undefined) return;
  if (before.disconnectedAt !== undefined && after.disconnectedAt === undefined) {
    monitor.breaks('disconnect', `${after.id} forgot that it was disconnected`);
  }
  if (before.grant?.id === after.grant?.id) sameGrant(monitor, before, after);
  else if (after.flow === 'authorization_code') otherGrant(monitor, before, after);
  checkRevocations(monitor, before, after);
  givingUp(monitor, before, after);
  verdict(monitor, before, after);
}

function sameGrant(monitor: Monitor, { grant: before }: Connection, { id, grant: after }: Connection): void {
  if (before === undefined || after === undefined) return;
  const step = after.refreshes - before.refreshes;
  if (step !== 0 && step !== 1) {
    monitor.breaks('3 one refresh at a time', `${id} went from generation ${before.refreshes} to ${after.refreshes}`);
  }
  const [old, now] = [textOf(monitor, before.refreshToken), textOf(monitor, after.refreshToken)];
  if (old !== undefined && now !== undefined && generationOfToken(now) < generationOfToken(old)) {
    monitor.breaks('2 no lost grant', `${id} holds ${now} in place of the newer ${old}`);
  }
  if (step === 0 && old !== now)
    monitor.breaks('3 one refresh at a time', `${id} changed its token within a generation`);
}

function otherGrant(monitor: Monitor, before: Connection, after: Connection): void {
  const { grant } = before;
  if (grant === undefined) return;
  if (after.grant !== undefined && after.authorizedAt < before.authorizedAt) {
    monitor.breaks('3 one refresh at a time', `${after.id}: an older authorization replaced a newer one`);
  }
  const duty = revokeDuty(after, grant.id);
  if (textOf(monitor, duty?.token) !== textOf(monitor, grant.refreshToken)) {
    monitor.breaks(
      '4 we never evict ourselves',
      `${after.id} let go of grant ${grant.id} without owing its revocation`,
    );
  }
}

/** One begun before a disconnect does not revive the connection. */
function revival(monitor: Monitor, before: Connection | undefined, after: Connection): void {
  if (after.disconnectedAt === undefined || after.grant === undefined || before?.grant?.id === after.grant.id) return;
  const answer = monitor.answers.get(textOf(monitor, after.grant.refreshToken) ?? '');
  if (answer !== undefined && answer.sent.sentAt + skewAtMostMs < after.disconnectedAt) {
    monitor.breaks('disconnect', `${after.id} was revived by an authorization begun before it was disconnected`);
  }
}

type Holder = Pick<Connection, 'id' | 'duties'> & Partial<Pick<Connection, 'grant'>>;

/** Of a connection, or of a session that obtained a grant which is not kept. */
export function checkRevocations(monitor: Monitor, before: Holder | undefined, after: Holder): void {
  for (const [id, was] of Object.entries(before?.duties ?? {})) {
    if (was.kind !== 'revoke') continue;
    const is = after.duties[id];
    if (is?.kind !== 'revoke') removed(monitor, after, was);
    else {
      const [old, now] = [textOf(monitor, was.token), textOf(monitor, is.token)];
      if (old !== undefined && now !== undefined && generationOfToken(now) < generationOfToken(old)) {
        monitor.breaks('4 we never evict ourselves', `${after.id}: a duty's ${old} was replaced by the older ${now}`);
      }
    }
  }
}

/** Done means revoked, unless the token that would be needed is not ours; or given up, after seven days, with an alert. */
function removed(monitor: Monitor, { id, grant: stored, duties }: Holder, duty: RevokeDuty): void {
  const grant = monitor.grantOf(duty.token);
  const alert = Object.values(duties).find((one) => one.kind === 'alert' && one.alertId === givenUpId(duty.grantId));
  if (alert !== undefined) {
    if (monitor.givenUp.has(duty.grantId)) {
      monitor.breaks('7 one incident, one alert', `the revocation of grant ${duty.grantId} was given up twice`);
    }
    monitor.givenUp.add(duty.grantId);
    if (monitor.world.now() + skewAtMostMs - duty.since > sevenDaysMs) return;
  }
  if (alert === undefined) monitor.logins.dutyDone(id, duty.token, [stored?.accessToken, ...tokensOwed(duties)]);
  if (grant === undefined || !grant.alive || stored?.id === duty.grantId || !monitor.holds(grant)) return;
  monitor.breaks(
    '4 we never evict ourselves',
    `${id}: the duty to revoke grant ${grant.number} was dropped, and it lives`,
  );
}

function tokensOwed(duties: Holder['duties']): string[] {
  return Object.values(duties).flatMap((duty) => (duty.kind === 'revoke' ? [duty.token] : []));
}

/** The alert that says so. */
function givenUpId(grantId: string): string {
  return `${grantId}.given-up`;
}

const givesUp = /\.(abandon|unused)$/;

/** A connection that nobody uses is given up; never one that an integration uses, or that is still to be linked. */
function givingUp(monitor: Monitor, before: Connection, after: Connection): void {
  if (before.grant === undefined || after.grant !== undefined || !givesUp.test(after.writeId)) return;
  for (const integration of monitor.integrations.values()) {
    if (integration.connectionId !== after.id || integration.status === 'unlinked') continue;
    monitor.breaks(
      'no link is lost',
      `${after.id} was given up (${after.writeId}) while ${keyOf(integration)} uses it`,
    );
  }
  // The link under which it was decided ends with it.
  for (const duty of Object.values(after.duties)) {
    if (duty.kind !== 'link' || isUnclaimed(monitor, duty)) continue;
    const open = `${duty.tenant}/${duty.integration}`;
    monitor.breaks(
      'no link is lost',
      `${after.id} was given up (${after.writeId}) while ${open} is still to be linked`,
    );
  }
}

/** Only a dead grant is dead: Salesforce's books say so, or it lied twice. */
function verdict(monitor: Monitor, before: Connection, after: Connection): void {
  if (after.status === before.status || after.status !== 'reauthorization_required') return;
  const text = textOf(monitor, after.grant?.refreshToken) ?? '';
  const grant = monitor.world.books.grantOf(text);
  if (grant === undefined || !grant.alive || !monitor.world.books.isCurrent(text) || grant.lies >= 2) return;
  monitor.breaks('5 only a dead grant is dead', `${after.id} is given up (${after.cause}), and ${text} lives`);
}

/** A verdict owes its alert in the same write. */
function alerts(monitor: Monitor, before: Connection | undefined, after: Connection): void {
  const fresh: string[] = [];
  for (const [id, duty] of Object.entries(after.duties)) {
    if (duty.kind !== 'alert' || before?.duties[id] !== undefined) continue;
    fresh.push(duty.type);
    monitor.owedAlerts.set(duty.alertId, duty.type);
  }
  const verdicts = ['reauthorization_required', 'admin_action_required'];
  if (before === undefined || after.status === before.status || !verdicts.includes(after.status)) return;
  if (!fresh.includes(after.status)) {
    monitor.breaks('7 one incident, one alert', `${after.id} became ${after.status} and owes no alert`);
  }
}

function revokeDuty(connection: Connection, grantId: string): RevokeDuty | undefined {
  const found = Object.values(connection.duties).find((duty) => duty.kind === 'revoke' && duty.grantId === grantId);
  return found?.kind === 'revoke' ? found : undefined;
}

function textOf(monitor: Monitor, sealed: string | undefined): string | undefined {
  return monitor.world.sealing.textOf(sealed);
}
