/**
 * `/simulator/*`: what the local console and tests over HTTP use to set switches, read the books and act as an
 * administrator. Not of Salesforce; bodies are JSON.
 */
import { changeApp, registerCertificate } from './console-app-routes.ts';
import type { Context } from './endpoint.ts';
import { parseSwitches } from './switches.ts';

/** `undefined` where it is no such route. */
export function consoleRoute(
  context: Context,
  method: string,
  path: string,
  type: string,
  body: string,
): Response | undefined {
  const route = routes[path];
  if (route === undefined) return undefined;
  const act = method === 'GET' ? route.get : method === 'POST' ? route.post : undefined;
  if (act === undefined) {
    const allow = [route.get && 'GET', route.post && 'POST'].filter(Boolean).join(', ');
    return Response.json(
      { error: `${path} does not take ${method}; it takes ${allow}.` },
      { status: 405, headers: { allow } },
    );
  }
  if (method === 'GET') return act(context, undefined);
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    return refused(`The body must be application/json, got "${type.slice(0, 100)}".`, 415);
  }
  try {
    return act(context, JSON.parse(body));
  } catch (error) {
    if (error instanceof SyntaxError) return refused('The body is not JSON.');
    throw error;
  }
}

interface Route {
  get?: (context: Context, input: unknown) => Response;
  post?: (context: Context, input: unknown) => Response;
}

const routes: Record<string, Route> = {
  '/simulator/switches': { get: ({ switches }) => answer(switches), post: setSwitches },
  '/simulator/books': { get: ({ books }) => answer(books.summary()) },
  '/simulator/revoke-grant': act('grant_id', ({ books }, id) => books.revokeGrant(id), 'no live grant'),
  '/simulator/revoke-org': act('org_id', ({ books }, id) => books.revokeOrg(id) > 0, 'no org with a live grant'),
  '/simulator/revoke-app': act('client_id', ({ books }, id) => books.revokeApp(id) > 0, 'no app with a live grant'),
  '/simulator/deactivate-user': act('user_id', deactivateUser, 'no user'),
  '/simulator/reactivate-user': act('user_id', ({ books }, id) => books.reactivateUser(id), 'no user'),
  '/simulator/lock-user': act('user_id', ({ books }, id) => books.lockUser(id), 'no user'),
  '/simulator/unlock-user': act('user_id', ({ books }, id) => books.lockUser(id, false), 'no user'),
  '/simulator/app': { post: changeApp },
  '/simulator/register-certificate': { post: registerCertificate },
  '/simulator/deactivate-org': act('org_id', deactivateOrg, 'no org'),
  '/simulator/reactivate-org': act('org_id', ({ books }, id) => books.reactivateOrg(id), 'no org'),
};

function deactivateUser({ books, switches }: Context, id: string): boolean {
  return books.deactivateUser(id, { endSessions: switches.deactivationEndsSessions });
}

function deactivateOrg({ books, switches }: Context, id: string): boolean {
  return books.deactivateOrg(id, { endSessions: switches.deactivationEndsSessions });
}

function setSwitches({ switches, books }: Context, input: unknown): Response {
  const parsed = parseSwitches(input);
  if (!parsed.ok) return refused(parsed.problem);
  books.change(() => Object.assign(switches, parsed.switches));
  return answer(switches);
}

function act(field: string, done: (context: Context, id: string) => boolean, missing: string): Route {
  const post = (context: Context, input: unknown): Response => {
    const id = (input as Record<string, unknown> | null)?.[field];
    if (typeof id !== 'string') return refused(`The body must be {"${field}": "…"}.`);
    return done(context, id) ? answer({ [field]: id }) : refused(`There is ${missing} "${id.slice(0, 100)}".`, 404);
  };
  return { post };
}

function answer(body: unknown): Response {
  return Response.json(body, { headers: { 'cache-control': 'no-store' } });
}

function refused(error: string, status = 400): Response {
  return Response.json({ error }, { status });
}
