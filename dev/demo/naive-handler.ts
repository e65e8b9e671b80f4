/**
 * The handler that Grantkeeper replaces, written as such handlers are: the callback exchanges the code, then sets the
 * integration up and saves its tokens in one transaction. It looks right, for a failed set-up leaves nothing behind.
 *
 * What it leaves behind is at Salesforce: a grant whose tokens were rolled back (salesforce-oauth.md, section 1).
 */
import { createHash, randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { requestTokens, type SalesforceApp } from './naive-token-request.ts';

export interface NaiveHandler {
  readonly database: DatabaseSync;
  /** Where the browser is sent. */
  connect(integration: string): string;
  /** Where Salesforce sends it back. */
  callback(url: string): Promise<CallbackOutcome>;
}

export interface CallbackOutcome {
  /** What the user is shown. */
  readonly page: string;
  /** Why the transaction was rolled back. */
  readonly failure?: string;
}

interface Pending {
  readonly integration: string;
  readonly verifier: string;
}

export function createNaiveHandler(
  app: SalesforceApp,
  configure: (integration: string) => Promise<void>,
): NaiveHandler {
  const database = openDatabase();
  const pending = new Map<string, Pending>();

  async function callback(url: string): Promise<CallbackOutcome> {
    const { searchParams } = new URL(url);
    const login = pending.get(searchParams.get('state') ?? '');
    if (login === undefined) throw new Error('The callback has a state that no login began.');
    const tokens = await requestTokens(app, {
      grant_type: 'authorization_code',
      code: searchParams.get('code') ?? '',
      redirect_uri: app.redirectUri,
      code_verifier: login.verifier,
    });
    if ('error' in tokens) throw new Error(`Salesforce refused the code: ${tokens.error}.`);
    const { integration } = login;

    database.exec('BEGIN');
    try {
      database.prepare('INSERT OR REPLACE INTO integrations (name) VALUES (?)').run(integration);
      database
        .prepare(
          'INSERT OR REPLACE INTO tokens (integration, access_token, refresh_token, instance_url) VALUES (?, ?, ?, ?)',
        )
        .run(integration, tokens.access_token, tokens.refresh_token ?? null, tokens.instance_url);
      await configure(integration);
      database.exec('COMMIT');
      return { page: 'Connected.' };
    } catch (error) {
      database.exec('ROLLBACK');
      return { page: 'Something went wrong, please try again.', failure: (error as Error).message };
    }
  }

  return { database, callback, connect: (integration) => begin(app, pending, integration) };
}

function openDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE integrations (name TEXT PRIMARY KEY);
    CREATE TABLE tokens (
      integration TEXT PRIMARY KEY REFERENCES integrations,
      access_token TEXT NOT NULL, refresh_token TEXT, instance_url TEXT NOT NULL
    );`);
  return database;
}

function begin(app: SalesforceApp, pending: Map<string, Pending>, integration: string): string {
  const state = randomBytes(16).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  pending.set(state, { integration, verifier });
  const url = new URL('/services/oauth2/authorize', app.loginUrl);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: app.redirectUri,
    scope: 'api refresh_token',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}
