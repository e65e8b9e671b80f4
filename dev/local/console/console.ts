/**
 * The console's routes: `GET /` and what lies under `/local/`. They are no part of the product's API.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseSwitches } from '../../simulator/switches.ts';
import { apiFile } from '../api-page.ts';
import { type JsonAnswer, readJson, writeJson } from '../json-answer.ts';
import { type ServedFile, writeFileAnswer } from '../served-file.ts';
import { act } from './acts.ts';
import { causeFile } from './cause-pages.ts';
import { consolePage, consoleSecurityPolicy } from './page.ts';
import { type ConsoleSources, consoleState } from './state.ts';

/** Answers, or says `false` where the path is not the console's. */
export type Console = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export function createConsole(sources: ConsoleSources): Console {
  return async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path !== '/' && path !== '/local' && !path.startsWith('/local/')) return false;
    const change = Object.hasOwn(changes, path) ? changes[path] : undefined;
    if (change !== undefined) {
      writeJson(response, request.method === 'POST' ? await change(request, sources) : notTaken(request, 'POST'));
      return true;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      writeJson(response, notTaken(request, 'GET'));
      return true;
    }
    const file = (await consoleFile(path)) ?? (await apiFile(path)) ?? (await causeFile(path));
    if (file !== undefined) writeFileAnswer(response, file);
    else writeJson(response, await data(path, sources));
    return true;
  };
}

const changes: Readonly<Record<string, (request: IncomingMessage, sources: ConsoleSources) => Promise<JsonAnswer>>> = {
  '/local/switches': setSwitches,
  '/local/acts': act,
};

function notTaken({ method }: IncomingMessage, taken: string): JsonAnswer {
  return { status: 405, body: { message: `This address takes ${taken}; got ${method}.` } };
}

async function data(path: string, sources: ConsoleSources): Promise<JsonAnswer> {
  if (path === '/local/alerts') return { status: 200, body: sources.alerts() };
  if (path === '/local/state') return { status: 200, body: await consoleState(sources) };
  return { status: 404, body: { message: 'Not Found' } };
}

async function setSwitches(request: IncomingMessage, { simulator }: ConsoleSources): Promise<JsonAnswer> {
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

const scripts = ['console', 'elements', 'troubles', 'plots', 'salesforce'] as const;
const ownFiles: Readonly<Record<string, string>> = {
  'console.css': 'text/css; charset=utf-8',
  ...Object.fromEntries(scripts.map((name) => [`${name}.js`, 'text/javascript; charset=utf-8'])),
};

async function consoleFile(path: string): Promise<ServedFile | undefined> {
  if (path === '/') {
    return { type: 'text/html; charset=utf-8', body: consolePage, securityPolicy: consoleSecurityPolicy };
  }
  const name = path.slice('/local/'.length);
  const type = Object.hasOwn(ownFiles, name) ? ownFiles[name] : undefined;
  return type === undefined ? undefined : { type, body: await readFile(new URL(name, import.meta.url)) };
}
