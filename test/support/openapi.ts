/**
 * The kept validator of `docs/openapi.yaml`: flow tests hand it each answer, and it says what is off the contract.
 *
 * OpenAPI 3.1 bodies are JSON Schema 2020-12 (OpenAPI 3.1.0 §4.8.24), so the document is dereferenced and Ajv judges.
 */
import { AssertionError } from 'node:assert';
import { fileURLToPath } from 'node:url';
import SwaggerParser from '@apidevtools/swagger-parser';
import { matchOperation, methodsOf, type Operation, type PathItem, type ResponseObject } from './openapi-routes.ts';
import { SchemaJudge } from './openapi-schemas.ts';

export const contractPath = fileURLToPath(new URL('../../docs/openapi.yaml', import.meta.url));

export interface Answer {
  readonly method: string;
  /** Of the request, with or without its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As text, or as parsed JSON; `undefined` or `''`: none. */
  readonly body?: unknown;
}

export interface RequestBody {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export interface Contract {
  readonly document: ContractDocument;
  /** @throws AssertionError naming route, status and what is off. */
  checkAnswer(answer: Answer): void;
  /** As `checkAnswer`, for the answer to a `fetch`; leaves the response's body unread. */
  checkResponse(method: string, response: Response, url?: string): Promise<void>;
  /** @throws AssertionError where the contract refuses this body. */
  checkRequestBody(request: RequestBody): void;
}

export interface ContractDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What answers a path or a method that the document does not list. */
  readonly 'x-unrouted': Readonly<Record<string, ResponseObject>>;
  /** Headers that a problem must carry, by code. */
  readonly 'x-problem-headers': Readonly<Record<string, readonly string[]>>;
}

/** Reads the document and resolves its references; `path` is another document for tests of the validator itself. */
export async function loadContract(path: string = contractPath): Promise<Contract> {
  const document = (await SwaggerParser.dereference(path)) as unknown as ContractDocument;
  const schemas = new SchemaJudge();
  return {
    document,
    checkAnswer: (answer) => checkAnswer(document, schemas, answer),
    checkRequestBody: (request) => checkRequestBody(document, schemas, request),
    async checkResponse(method, response, url = response.url) {
      const { pathname } = new URL(url);
      const body = await response.clone().text();
      checkAnswer(document, schemas, {
        method,
        path: pathname,
        status: response.status,
        headers: response.headers,
        body,
      });
    },
  };
}

function checkAnswer(document: ContractDocument, schemas: SchemaJudge, answer: Answer): void {
  const operation = matchOperation(document.paths, answer.method, answer.path);
  const responses = operation?.responses ?? document['x-unrouted'];
  const at = `${answer.method} ${answer.path} → ${answer.status}`;
  const response = responses[String(answer.status)];
  if (response === undefined) {
    const known = Object.keys(responses).join(', ');
    fail(
      operation === undefined
        ? `${at}: unknown route (only ${known} may answer it)`
        : `${at}: unknown status (the contract has ${known})`,
    );
  }
  const headers = headersOf(answer.headers);
  checkHeaders(schemas, at, response, headers);
  // RFC 9110 §9.3.2: the answer to a HEAD never has content.
  if (answer.method === 'HEAD') return;
  const body = checkContent(schemas, at, response, headers, answer.body);
  checkProblemHeaders(document, at, headers, body);
  if (answer.status === 405) checkAllow(document, at, headers, answer.path);
}

function checkHeaders(schemas: SchemaJudge, at: string, response: ResponseObject, headers: Headers): void {
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    const value = headers.get(name);
    if (value === null) {
      if (header.required === true) fail(`${at}: header ${name} is missing`);
      continue;
    }
    const numeric = header.schema.type === 'integer' && /^\d+$/.test(value);
    const problem = schemas.judge(header.schema, numeric ? Number(value) : value);
    if (problem !== undefined) fail(`${at}: header ${name}: ${problem}`);
  }
}

function checkContent(
  schemas: SchemaJudge,
  at: string,
  response: ResponseObject,
  headers: Headers,
  received: unknown,
): unknown {
  const empty = received === undefined || received === '';
  const known = Object.keys(response.content ?? {});
  if (known.length === 0) {
    if (!empty) fail(`${at}: has a body where the contract has none`);
    return undefined;
  }
  const type = mediaTypeOf(headers.get('content-type'));
  const media = response.content?.[type];
  if (media === undefined)
    fail(`${at}: unknown content type ${type || '(none)'} (the contract has ${known.join(', ')})`);
  const body = isJson(type) && typeof received === 'string' ? parse(at, received) : received;
  const problem = schemas.judge(media.schema, body);
  if (problem !== undefined) fail(`${at}: body: ${problem}`);
  return body;
}

function checkProblemHeaders(document: ContractDocument, at: string, headers: Headers, body: unknown): void {
  if (mediaTypeOf(headers.get('content-type')) !== 'application/problem+json') return;
  const { code } = body as { code: string };
  for (const name of document['x-problem-headers'][code] ?? []) {
    if (!headers.has(name)) fail(`${at}: header ${name} is missing, which ${code} must carry`);
  }
}

/** RFC 9110 §15.5.6: the methods that the path takes, all of them and no other. */
function checkAllow(document: ContractDocument, at: string, headers: Headers, path: string): void {
  const taken = methodsOf(document.paths, path).sort().join(', ');
  const allow = (headers.get('allow') ?? '').split(/, ?/).sort().join(', ');
  if (allow !== taken) fail(`${at}: header Allow: must list ${taken || 'nothing'}; got ${allow}`);
}

function checkRequestBody(document: ContractDocument, schemas: SchemaJudge, request: RequestBody): void {
  const at = `${request.method} ${request.path}`;
  const operation: Operation | undefined = matchOperation(document.paths, request.method, request.path);
  if (operation === undefined) fail(`${at}: unknown route`);
  const media = operation.requestBody?.content['application/json'];
  if (media === undefined) {
    if (request.body !== undefined) fail(`${at}: takes no body`);
    return;
  }
  const problem = schemas.judge(media.schema, request.body);
  if (problem !== undefined) fail(`${at}: body: ${problem}`);
}

function headersOf(headers: Answer['headers']): Headers {
  if (headers instanceof Headers) return headers;
  const flat = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) flat.append(name, one);
  }
  return flat;
}

function parse(at: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    return fail(`${at}: body: is not JSON (${(cause as Error).message})`);
  }
}

function mediaTypeOf(contentType: string | null): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType.endsWith('+json');
}

function fail(message: string): never {
  throw new AssertionError({ message: `Off the contract: ${message}`, stackStartFn: fail });
}
