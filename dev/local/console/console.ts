/**
 * The console's routes: `GET /` and what lies under `/local/`. They are no part of the product's API.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseSwitches } from '../../simulator/switches.ts';
import { apiFile } from '../api-page.ts';
import { type JsonAnswer, readJson, writeJson } from '../json-answer.ts';
import { type ServedFile, writeFileAnswer } from '../served-file.ts';
import { consolePage, consoleSecurityPolicy } from './page.ts';
import { type ConsoleSources, consoleState } from './state.ts';

/** Answers, or says `false` where the path is not the console's. */
export type Console = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export function createConsole(sources: ConsoleSources): Console {
  return async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path !== '/' && path !== '/local' && !path.startsWith('/local/')) return false;
    if (path === '/local/switches') {
      writeJson(response, await setSwitches(request, sources));
      return true;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      writeJson(response, { status: 405, body: { message: `This address takes GET; got ${request.method}.` } });
      return true;
    }
    const file = (await consoleFile(path)) ?? (await apiFile(path));
    if (file !== undefined) writeFileAnswer(response, file);
    else writeJson(response, await data(path, sources));
    return true;
  };
}

async function data(path: string, sources: ConsoleSources): Promise<JsonAnswer> {
  if (path === '/local/alerts') return { status: 200, body: sources.alerts() };
  if (path === '/local/state') return { status: 200, body: await consoleState(sources) };
  return { status: 404, body: { message: 'Not Found' } };
}

async function setSwitches(request: IncomingMessage, { simulator }: ConsoleSources): Promise<JsonAnswer> {
  if (request.method !== 'POST') {
    return { status: 405, body: { message: `This address takes POST; got ${request.method}.` } };
  }
  if (simulator === undefined) {
    return { status: 404, body: { message: 'No simulator runs here: --salesforce was given.' } };
  }
  const body = await readJson(request);
  if (!body.ok) return body.answer;
  const parsed = parseSwitches(body.value);
  if (!parsed.ok) return { status: 400, body: { message: parsed.problem } };
  simulator.books.change(() => Object.assign(simulator.switches, parsed.switches));
  return { status: 200, body: { ...simulator.switches } };
}

async function consoleFile(path: string): Promise<ServedFile | undefined> {
  switch (path) {
    case '/':
      return { type: 'text/html; charset=utf-8', body: consolePage, securityPolicy: consoleSecurityPolicy };
    case '/local/console.js':
      return { type: 'text/javascript; charset=utf-8', body: await readFile(new URL('console.js', import.meta.url)) };
    case '/local/console.css':
      return { type: 'text/css; charset=utf-8', body: await readFile(new URL('console.css', import.meta.url)) };
    default:
      return undefined;
  }
}
