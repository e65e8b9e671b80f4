/**
 * A deployer's own configuration function, as the deploy test has one. It does what the construct's documentation says of
 * such a function: it gets no token, and reads one as any service does, signed by its own role (`grantRead`).
 *
 * It tells its log what it got. One configuration fails: that of an object which the org does not have.
 */
import { readFileSync } from 'node:fs';
import type { LoopbackAnswer } from './loopback-request.ts';
import { requestSigned } from './signed-request.ts';

export interface ConfigurationEvent {
  readonly connection_id: string;
  readonly tenant: string;
  readonly integration: string;
  readonly configuration: { readonly object?: string } | null;
  readonly configuration_version: number;
}

/** The object that no org has. */
export const missingObject = 'Missing__c';
export const missingObjectWords = `The org has no object ${missingObject}.`;

/** Begins the line of the log that says what was received. */
export const receivedMark = 'configuration-function received ';

const salesforceWithinMs = 10_000;

/** The statuses that it was answered: by Salesforce with the token, and by Grantkeeper for the lists of two apps. */
export interface Received extends ConfigurationEvent {
  readonly salesforce: number;
  readonly ownApp: number;
  readonly otherApp: number;
}

export async function handler(event: ConfigurationEvent): Promise<void> {
  const [salesforce, ownApp, otherApp] = await Promise.all([
    salesforceAnswers(event),
    grantkeeper('/connections?app=crm').then(({ status }) => status),
    grantkeeper('/connections?app=crm-login').then(({ status }) => status),
  ]);
  const received: Received = { ...event, salesforce, ownApp, otherApp };
  console.log(`${receivedMark}${JSON.stringify(received)}`);
  if (salesforce !== 200) throw new Error(`Salesforce answered ${salesforce}.`);
  if (event.configuration?.object === missingObject) throw new Error(missingObjectWords);
}

/** The status of a request with the connection's token. */
async function salesforceAnswers({ connection_id: id, tenant }: ConfigurationEvent): Promise<number> {
  const answer = await grantkeeper(`/connections/${id}/token?tenant=${tenant}`);
  if (answer.status !== 200) throw new Error(`Grantkeeper answered ${answer.status}: ${answer.body.slice(0, 200)}`);
  const { access_token: token, instance_url: instanceUrl } = JSON.parse(answer.body);
  const response = await fetch(`${instanceUrl}/services/data/v62.0/limits`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(salesforceWithinMs),
  });
  await response.body?.cancel();
  return response.status;
}

/** Signed by the role of this function. */
function grantkeeper(path: string): Promise<LoopbackAnswer> {
  // The emulator's own: Lambdas get its file from the process that starts them.
  const certificate = readFileSync(required('NODE_EXTRA_CA_CERTS'), 'utf8');
  return requestSigned({ method: 'GET', url: new URL(path, required('API_URL')), certificate }, 'execute-api', {
    accessKeyId: required('AWS_ACCESS_KEY_ID'),
    secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
    sessionToken: required('AWS_SESSION_TOKEN'),
  });
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is missing.`);
  return value;
}
