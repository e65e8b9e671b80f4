import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemBody, problems } from '../../../functions/core/problem.ts';

test('each code has the status that the contract gives it', () => {
  const byStatus: Record<number, string[]> = {
    400: ['invalid_request'],
    403: ['forbidden'],
    404: ['unknown_connection', 'unknown_session', 'unknown_integration', 'unknown_route'],
    405: ['method_not_allowed'],
    409: ['reauthorization_required', 'admin_action_required', 'grant_limit_near', 'connection_shared'],
    410: ['disconnected'],
    413: ['too_large'],
    415: ['unsupported_media_type'],
    429: ['refresh_limited', 'rate_limited'],
    500: ['internal_error'],
    503: ['app_misconfigured', 'store_unavailable', 'refresh_pending'],
  };
  const expected = Object.entries(byStatus).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)]));
  assert.deepEqual(
    Object.fromEntries(Object.entries(problems).map(([code, { status }]) => [code, status])),
    Object.fromEntries(expected),
  );
});

test('a problem’s body is RFC 9457 with a stable code', () => {
  assert.deepEqual(problemBody({ code: 'unknown_connection', detail: 'There is none.' }), {
    type: 'urn:grantkeeper:problem:unknown_connection',
    title: 'No such connection',
    status: 404,
    code: 'unknown_connection',
    detail: 'There is none.',
  });
});

test('a problem carries its field and members, and keeps its delay for the header', () => {
  const body = problemBody({
    code: 'refresh_pending',
    detail: 'd',
    field: 'f',
    retryAfterSeconds: 7,
    members: { cause: 'c' },
  });
  assert.deepEqual([body.field, body.cause, 'retryAfterSeconds' in body], ['f', 'c', false]);
});
