/**
 * What a Lambda returned, as API Gateway turns it into an answer (payload format 2.0).
 *
 * A result without a status code is the body of a 200; one that is malformed is a 500.
 */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array;
}

export function gatewayAnswer(result: unknown): GatewayAnswer {
  if (!isObject(result) || result.statusCode === undefined) return inferredAnswer(result);
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result;
  if (!isStatus(statusCode) || !isObject(headers) || !Array.isArray(cookies) || typeof body !== 'string') {
    return ownAnswer(500, 'Internal Server Error');
  }
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(named),
      ...(cookies.length === 0 ? {} : { 'set-cookie': cookies.map(String) }),
    },
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** An answer of the gateway itself, e.g. `{"message":"Not Found"}`. */
export function ownAnswer(status: number, message: string): GatewayAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

function inferredAnswer(result: unknown): GatewayAnswer {
  if (result === undefined || result === null) return ownAnswer(500, 'Internal Server Error');
  const body = typeof result === 'string' ? result : JSON.stringify(result);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
