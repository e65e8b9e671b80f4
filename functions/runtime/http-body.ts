/**
 * The middlewares before a route's handler: a body of bounded size, present where the route takes one, and JSON
 * (RFC 8259). Middy's parser does the parsing; its answers (422, plain text) become ours.
 */
import type { MiddlewareObj } from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Rejection } from './http-answer.ts';

const maxBodyBytes = 65_536;
/** Deeper JSON than any body of ours: what walks it recursively must not run out of stack. */
const maxJsonDepth = 32;

const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);
const parser = httpJsonBodyParser();

export function jsonBody(): MiddlewareObj<APIGatewayProxyEventV2> {
  return {
    async before(request) {
      const { event } = request;
      if (!methodsWithBody.has(event.requestContext.http.method)) {
        delete event.body;
        return;
      }
      const bytes = bodyBytes(event);
      if (bytes > maxBodyBytes) throw tooLarge(bytes);
      if (bytes === 0) throw invalid('This route takes a JSON object as its body; the request has none.');
      try {
        await parser.before?.(request);
      } catch (error) {
        throw rejectionOf(error, event.headers['content-type']);
      }
      if (nestsDeeper(event.body, maxJsonDepth)) {
        throw invalid(`The body nests deeper than the ${maxJsonDepth} levels allowed.`);
      }
    },
  };
}

function bodyBytes({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): number {
  return Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8');
}

/** Of middy's error only the status is used: its message and cause hold the body. */
function rejectionOf(error: unknown, contentType: string | undefined): unknown {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 415) {
    const received = contentType === undefined ? 'the request names none' : `got ${contentType.slice(0, 100)}`;
    return new Rejection({
      code: 'unsupported_media_type',
      detail: `The body must be JSON with "content-type: application/json"; ${received}.`,
    });
  }
  if (status === 422) return invalid(`The body is not valid JSON${placeOf(error)}.`);
  return error;
}

function placeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const message = typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : '';
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return ` (at position ${position})`;
  return message === '' ? ': it holds a forbidden key (__proto__, or constructor with prototype)' : '';
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => nestsDeeper(member, levels - 1));
}

function invalid(detail: string): Rejection {
  return new Rejection({ code: 'invalid_request', field: 'body', detail });
}

function tooLarge(bytes: number): Rejection {
  return new Rejection({
    code: 'too_large',
    field: 'body',
    detail: `The body may have at most ${maxBodyBytes} bytes; it has ${bytes}.`,
  });
}
