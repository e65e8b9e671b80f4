/** Everything that is to be said of one app, the most urgent first. Pure; each finding holds the evidence that it rests on. */
import { type Finding, findingSeverities } from './health.ts';
import { certificateFindings, clientSecretFindings, refusedFindings } from './health-credentials.ts';
import type { AppFacts } from './health-facts.ts';
import {
  budgetFindings,
  rotationFindings,
  scopeFindings,
  sessionFindings,
  zeroPolicyFindings,
} from './health-grants.ts';
import { needingFindings } from './health-needing.ts';
import {
  claimFindings,
  egressFindings,
  idleLimitFindings,
  lifetimeLimitFindings,
  pkceFindings,
} from './health-policies.ts';

const judges: readonly ((facts: AppFacts) => readonly Finding[])[] = [
  refusedFindings,
  clientSecretFindings,
  certificateFindings,
  zeroPolicyFindings,
  needingFindings,
  budgetFindings,
  scopeFindings,
  claimFindings,
  egressFindings,
  idleLimitFindings,
  lifetimeLimitFindings,
  rotationFindings,
  pkceFindings,
  sessionFindings,
];

export function findingsOf(facts: AppFacts): readonly Finding[] {
  const urgency = ({ severity }: Finding) => findingSeverities.indexOf(severity);
  return judges.flatMap((judge) => judge(facts)).toSorted((a, b) => urgency(a) - urgency(b));
}
