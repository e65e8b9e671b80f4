/**
 * An authorization server that is broken, or means ill: it takes a request and answers what a test says, with the secrets of
 * that very request, and tokens of its own, wherever a text can stand.
 */
import { mark } from '../../dev/canary/canary.ts';

/** Of the fuzz; each is written into an answer in place of `SECRET`. */
export type Which = 'sent' | 'access' | 'refresh' | 'form' | 'code_verifier' | 'client_secret';

export interface Hostility {
  readonly which: Which;
  readonly status: number;
  readonly contentType: string;
  /** A text in which `SECRET` and `ORIGIN` stand. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const accessToken = `00D000000000001!AQ${mark}.${'a'.repeat(40)}`;
const refreshToken = `5Aep861${mark}${'b'.repeat(40)}`;

export function hostileAnswer(
  { which, status, contentType, body, headers }: Hostility,
  url: string,
  form: string,
): Response {
  const secret = secretOf(which, form);
  const put = (text: string) => text.replaceAll('SECRET', secret).replaceAll('ORIGIN', new URL(url).origin);
  const written = contentType.includes('json') ? jsonWith(body, put) : put(body);
  const isEmpty = status === 204 || status === 304;
  return new Response(isEmpty ? null : written, {
    status,
    headers: {
      'content-type': contentType,
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, encodeURI(put(value))])),
    },
  });
}

function secretOf(which: Which, form: string): string {
  switch (which) {
    case 'access':
      return accessToken;
    case 'refresh':
      return refreshToken;
    case 'form':
      return form;
    case 'sent':
      return sentIn(form);
    default:
      return new URLSearchParams(form).get(which) ?? accessToken;
  }
}

/** The one whose name says so, or the whole form. */
function sentIn(form: string): string {
  const fields = new URLSearchParams(form);
  const names = ['refresh_token', 'code', 'assertion', 'token', 'client_secret'];
  return names.map((name) => fields.get(name)).find((value) => value !== null) ?? form;
}

/** Put into the strings, so that JSON stays JSON. */
function jsonWith(body: string, put: (text: string) => string): string {
  return JSON.stringify(JSON.parse(body), (_name, value: unknown) => (typeof value === 'string' ? put(value) : value));
}
