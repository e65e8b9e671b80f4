/** JSON answers of the local stack's own routes, and the JSON bodies that they take. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './request-body.ts';

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

export function writeJson(response: ServerResponse, { status, body }: JsonAnswer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}

const bodyLimitBytes = 64 * 1024;

/** The parsed body, or the answer that refuses it. A form or a text, which any page can post, is no JSON. */
export async function readJson(
  request: IncomingMessage,
): Promise<{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly answer: JsonAnswer }> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return refused(415, `The body must be application/json; got ${type || 'no type'}.`);
  const body = await readBody(request, bodyLimitBytes);
  if (body.kind !== 'body') return refused(413, `The body must have at most ${bodyLimitBytes} bytes.`);
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body.bytes)) };
  } catch {
    return refused(400, 'The body is not valid JSON.');
  }
}

function refused(status: number, message: string): { readonly ok: false; readonly answer: JsonAnswer } {
  return { ok: false, answer: { status, body: { message } } };
}
