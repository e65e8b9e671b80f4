/** The naive side's daily work: it reads with the stored access token and, where that is refused, refreshes it once. */
import type { DatabaseSync } from 'node:sqlite';
import { requestTokens, type SalesforceApp } from './naive-token-request.ts';
import { readFromSalesforce } from './salesforce-read.ts';
import type { ReadOutcome } from './side.ts';

interface TokenRow {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly instance_url: string;
}

export async function runNaiveJob(
  database: DatabaseSync,
  app: SalesforceApp,
  integration: string,
): Promise<ReadOutcome> {
  const row = database.prepare('SELECT * FROM tokens WHERE integration = ?').get(integration) as TokenRow | undefined;
  if (row === undefined) return { kind: 'failed', because: 'no tokens are stored' };
  const status = await readFromSalesforce(row.instance_url, row.access_token);
  if (status === 200) return { kind: 'read' };
  const fresh = await requestTokens(app, { grant_type: 'refresh_token', refresh_token: row.refresh_token });
  if ('error' in fresh) return { kind: 'failed', because: `${status}, and its refresh says ${fresh.error}` };
  database.prepare('UPDATE tokens SET access_token = ? WHERE integration = ?').run(fresh.access_token, integration);
  const again = await readFromSalesforce(fresh.instance_url, fresh.access_token);
  return again === 200 ? { kind: 'read' } : { kind: 'failed', because: `${again}, with a fresh token too` };
}
