/** Whether the story came out as it is told; what did not is named with its number, and the demo fails. */
import { firstIntegration, secondIntegration } from './set-up.ts';
import type { Story } from './story.ts';
import type { ChapterTally, EndTally, Tally } from './tally.ts';

const integrations = [firstIntegration, secondIntegration];

/** What went otherwise; none: it came out as told. */
export function deviationsOf({ tries, rounds, naive, grantkeeper }: Story): string[] {
  return [...naiveDeviations(naive), ...grantkeeperDeviations(grantkeeper, tries, rounds)];
}

function naiveDeviations({ setUps, reauthorizations, end }: Tally): string[] {
  return failing([
    [lostIn(setUps) > 0, 'the retries did not evict a grant that the handler had stored'],
    [lostIn(reauthorizations) > 0, 'authorizing anew did not evict a grant that the handler had stored'],
    [setUps.orphanedAtMost > 0, 'the handler left no grant without its tokens'],
    [end.tokenRequests.refused > 0, 'no refresh of the handler was refused'],
    [end.reading.length < integrations.length, 'all integrations of the handler still read'],
    [end.honoured < end.stored, 'all tokens that the handler stored still work'],
  ]);
}

function grantkeeperDeviations({ setUps, reauthorizations, end }: Tally, tries: number, rounds: number): string[] {
  return failing([
    [setUps.failed >= tries, `${setUps.failed} set-ups with Grantkeeper failed, not ${tries}`],
    [setUps.sameTokens, 'the failed set-ups changed tokens that Grantkeeper stores'],
    [setUps.authorizations === 1, `Grantkeeper spent ${setUps.authorizations} authorizations on two set-ups, not 1`],
    [setUps.liveAtMost === 1, `${setUps.liveAtMost} grants of Grantkeeper's lived during the set-ups, not 1`],
    [
      reauthorizations.authorizations === rounds,
      `Grantkeeper spent ${reauthorizations.authorizations} authorizations where ${rounds} were asked for`,
    ],
    ...[setUps, reauthorizations].flatMap(unharmed),
    ...atTheEnd(end, 1 + rounds),
  ]);
}

type Check = readonly [holds: boolean, deviation: string];

function unharmed({ evictions, orphanedAtMost, reads }: ChapterTally): Check[] {
  return [
    [evictions.length === 0, `Grantkeeper's authorizations evicted ${evictions.length} grants`],
    [orphanedAtMost === 0, `${orphanedAtMost} grants of Grantkeeper's were once stored nowhere`],
    [reads.failed === 0, `${reads.failed} reads with Grantkeeper's tokens were refused`],
  ];
}

function atTheEnd(
  { live, stored, honoured, reading, configured, tokenRequests, ledger }: EndTally,
  made: number,
): Check[] {
  return [
    [live === 1, `Grantkeeper left ${live} grants live, not 1`],
    [stored === 1, `Grantkeeper stores the tokens of ${stored} grants, not of 1`],
    [honoured === 1, `${honoured} grants that Grantkeeper stores work, not 1`],
    [reading.length === integrations.length, `${reading.length} integrations read two hours later, not all`],
    [configured.length === integrations.length, `Grantkeeper set up only ${configured.join(', ')}`],
    [tokenRequests.refused === 0, `${tokenRequests.refused} token requests of Grantkeeper were refused`],
    [tokenRequests.refreshes > 0, 'Grantkeeper refreshed nothing in two hours'],
    [ledger?.attempts === made, `Grantkeeper's ledger has ${ledger?.attempts} authorizations, Salesforce saw ${made}`],
    [ledger?.believed === live, `Grantkeeper's ledger believes ${ledger?.believed} grants to live, and ${live} do`],
  ];
}

function lostIn({ evictions }: ChapterTally): number {
  return evictions.filter(({ stored }) => stored).length;
}

function failing(checks: readonly Check[]): string[] {
  return checks.filter(([holds]) => !holds).map(([, deviation]) => deviation);
}
