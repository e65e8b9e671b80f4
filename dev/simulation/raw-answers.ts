/** Answers of the simulated Salesforce, as the port `Salesforce` hands them on. */
import type { RawAnswer } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';

export type JsonAnswer = Extract<RawAnswer, { kind: 'answer' }>;

export function jsonAnswer(status: number, body: unknown): JsonAnswer {
  return { kind: 'answer', status, contentType: 'application/json', body: new Secret(JSON.stringify(body)) };
}

export function formAnswer(status: number, body: string): JsonAnswer {
  return { kind: 'answer', status, contentType: 'application/x-www-form-urlencoded', body: new Secret(body) };
}

export function refusal(error: string, error_description: string): JsonAnswer {
  return jsonAnswer(400, { error, error_description });
}

export const maintenancePage: JsonAnswer = {
  kind: 'answer',
  status: 503,
  contentType: 'text/html',
  body: new Secret('<html><body>We are down for maintenance.</body></html>'),
};

export const timedOut: RawAnswer = { kind: 'no_answer', reason: 'timeout' };
export const reset: RawAnswer = { kind: 'no_answer', reason: 'connection' };
