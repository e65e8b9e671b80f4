/**
 * Takes what we sent out of what came back: an error that repeats its request (a gateway's debug page, a description with
 * the token in it) would put a live secret where errors are stored and shown. A secret of no known shape is found, too.
 *
 * A token that was asked for stays: a success may answer the refresh token that was sent, for it is the one to be kept.
 */
import type { RawAnswer } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';

/** Never to be seen again, whatever the answer is. */
const spent = ['code', 'code_verifier', 'client_secret', 'assertion', 'client_assertion'];
/** May be part of a success. */
const kept = ['refresh_token', 'token'];
/** A shorter one may stand in any text. */
const shortestSecret = 8;

/** @param sent the request's body: a form */
export function withoutEchoes(answer: RawAnswer, sent: unknown): RawAnswer {
  if (answer.kind !== 'answer') return answer;
  const form = formOf(sent);
  const names = answer.status === 200 ? spent : [...spent, ...kept];
  const secrets = names.flatMap((name) => form.getAll(name)).filter(({ length }) => length >= shortestSecret);
  const body = answer.body.reveal();
  const clean = secrets.flatMap(writingsOf).reduce((text, secret) => text.replaceAll(secret, '[redacted]'), body);
  return clean === body ? answer : { ...answer, body: new Secret(clean) };
}

function formOf(sent: unknown): URLSearchParams {
  return sent instanceof URLSearchParams ? sent : new URLSearchParams(typeof sent === 'string' ? sent : '');
}

/** As it is, in a URL, in a form, in JSON within JSON. */
function writingsOf(secret: string): string[] {
  const inForm = new URLSearchParams({ a: secret }).toString().slice(2);
  return [...new Set([secret, encodeURIComponent(secret), inForm, JSON.stringify(secret).slice(1, -1)])];
}
