/** An alert of a single connection, composed from its duty. The text says who must do what. */
import type { Alert } from './alert.ts';
import { alertFrame } from './alert-frame.ts';
import { type AlertWords, alertWords, identityChangedWords, revocationGivenUpWords } from './alert-words.ts';
import type { Connection } from './connection.ts';
import { identityChanged } from './diagnosis/refused-by-org.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { AlertDuty } from './duty.ts';
import { askOf, errorWords } from './error-table.ts';
import { failureWords } from './failure-words.ts';
import type { Failure } from './grant.ts';
import { revocationGivenUp } from './revocation.ts';
import { rfc3339 } from './rfc3339.ts';
import { forActor } from './who-acts.ts';

/** @param diagnosis of the connection as it is now; of those that recovered, or whose revocation was given up, there is none */
export function composeAlert(connection: Connection, duty: AlertDuty, diagnosis?: Diagnosis): Alert {
  const told = isOfIllness(duty) && diagnosis !== undefined ? ofDiagnosis(diagnosis) : ofDuty(connection, duty);
  const { severity, summary } = wordsOf(duty);
  return {
    ...alertFrame(duty, connection),
    connection_ids: [connection.id],
    severity,
    summary: `${connection.id}: ${summary}`,
    ...told,
    counts: { connections: 1 },
  };
}

type Told = Pick<Alert, 'cause' | 'evidence' | 'remedy'>;

/** What speaks for the cause, and how much. */
function ofDiagnosis({ cause, confidence, evidence, actor, remedy, page }: Diagnosis): Told {
  return {
    cause,
    evidence: [`Confidence: ${confidence}.`, ...evidence],
    remedy: `${forActor(actor, remedy)} More: ${page}`,
  };
}

/** What the write knew that owes the alert. */
function ofDuty(connection: Connection, duty: AlertDuty): Told {
  const failure = duty.cause === revocationGivenUp ? undefined : connection.grant?.lastFailure;
  const isShown = failure !== undefined && duty.type !== 'connection_recovered';
  const isNamed = failure !== undefined && duty.type === 'admin_action_required';
  return {
    cause: duty.cause,
    evidence: isShown ? [`${rfc3339(failure.at)} ${failureWords(failure)}`] : [],
    remedy: isNamed ? failureRemedy(connection, failure) : wordsOf(duty).remedy,
  };
}

function isOfIllness({ type, cause }: AlertDuty): boolean {
  return cause !== revocationGivenUp && (type === 'reauthorization_required' || type === 'admin_action_required');
}

function wordsOf({ type, cause }: AlertDuty): AlertWords {
  if (cause === revocationGivenUp) return revocationGivenUpWords;
  return type === 'admin_action_required' && cause === identityChanged ? identityChangedWords : alertWords[type];
}

function failureRemedy({ flow }: Connection, { error, description }: Failure): string {
  const { actor, remedy } = errorWords(error, description, askOf(flow));
  const next = flow === 'authorization_code' ? 'The refresh token is kept and tried again' : 'A login is tried again';
  return `${forActor(actor, remedy)} ${next}; nothing is to be authorized again.`;
}
