/**
 * The logs of the deployed functions, by the query protocol of CloudWatch Logs: shown when a step fails, and searched
 * for tokens when none did.
 */
import { administrator } from './aws-environment.ts';
import { requestSigned } from './signed-request.ts';

export interface FunctionLogsOptions {
  readonly endpoint: string;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
}

const groupsAtMost = 50;
const eventsAtMost = 1_000;

/** Every line of every group, each under its group's name. */
export async function functionLogs(options: FunctionLogsOptions): Promise<string> {
  const { logGroups = [] } = await logs<{ logGroups?: { logGroupName: string }[] }>(options, 'DescribeLogGroups', {
    limit: groupsAtMost,
  });
  const texts = await Promise.all(
    logGroups.map(async ({ logGroupName }) => {
      const { events = [] } = await logs<{ events?: { message: string }[] }>(options, 'FilterLogEvents', {
        logGroupName,
        limit: eventsAtMost,
      });
      return [`--- ${logGroupName}`, ...events.map(({ message }) => message.trimEnd())].join('\n');
    }),
  );
  return `${texts.join('\n')}\n`;
}

async function logs<T>({ endpoint, certificate }: FunctionLogsOptions, action: string, input: unknown): Promise<T> {
  const answer = await requestSigned(
    {
      method: 'POST',
      url: new URL(endpoint),
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${action}` },
      body: JSON.stringify(input),
      certificate,
    },
    'logs',
    administrator,
  );
  if (answer.status === 200) return JSON.parse(answer.body) as T;
  throw new Error(`CloudWatch Logs refused ${action} with ${answer.status}: ${answer.body.slice(0, 500)}`);
}
