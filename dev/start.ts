/**
 * `npm start`: the local stack from the command line. Prints where everything is, and stops on Ctrl-C.
 *
 * Exit codes: 0 after Ctrl-C, 2 for a command line that is not understood, 1 where it could not start.
 */
import { parseCommandLine, type StartOptions, usage } from './local/command-line.ts';
import { FolderUnusableError } from './local/data-folder.ts';
import { FolderInUseError } from './local/folder-lock.ts';
import { PortTakenError } from './local/listener.ts';
import { type LocalStack, startLocalStack } from './local/local-stack.ts';

// Whatever an engine writes to the data folder is for its owner only.
process.umask(0o077);

/** Then the process ends, whatever still hangs. */
const stopWithinMs = 10_000;

const commandLine = parseCommandLine(process.argv.slice(2));
switch (commandLine.kind) {
  case 'wrong':
    process.stderr.write(`${commandLine.message}\n\n${usage}`);
    process.exitCode = 2;
    break;
  case 'help':
    process.stdout.write(usage);
    break;
  case 'start':
    await start(commandLine.options);
}

async function start(options: StartOptions): Promise<void> {
  const stopped = stopSignal();
  let announceFirst: ((connectionId: string) => void) | undefined;
  let stack: LocalStack;
  try {
    stack = await startLocalStack({ ...options, onLinked: (connectionId) => announceFirst?.(connectionId) });
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
    process.exit();
  }
  const connect: ConnectLink = await connectLink(stack.url).catch((error: unknown) => ({
    text: `no link: ${String(error)}`,
  }));
  if (connect.connectionId === undefined) {
    announceFirst = (connectionId) => {
      announceFirst = undefined;
      print([`Connected: ${connectionId}`, `  Read a token   ${curlLine(stack.url, connectionId)}`]);
    };
  }
  print(greeting(stack, options, connect));
  await stopped;
  process.stdout.write('\nStopping…\n');
  await stack.close();
  process.exit(0);
}

interface ConnectLink {
  readonly text: string;
  /** Where the integration is connected already. */
  readonly connectionId?: string;
}

async function connectLink(url: string): Promise<ConnectLink> {
  const answer = await fetch(`${url}/connect-sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ app: 'crm', tenant: 'acme', integration: 'crm-sync' }),
  });
  const body = (await answer.json()) as { connect_url?: string; connection_id?: string; detail?: string };
  if (body.connect_url !== undefined) return { text: `${body.connect_url}  (one user, 15 minutes)` };
  if (body.connection_id !== undefined) {
    return { text: 'acme/crm-sync is connected; the console connects others', connectionId: body.connection_id };
  }
  return { text: `no link: ${body.detail ?? `status ${answer.status}`}` };
}

function greeting(stack: LocalStack, options: StartOptions, connect: ConnectLink): string[] {
  const simulated = stack.simulator === undefined ? '' : '  (the simulator)';
  const kept = options.dataDir === undefined ? '  (removed at the end; --data DIR keeps everything)' : '';
  const lines = [
    `Grantkeeper is ready at ${stack.url}`,
    `  Console        ${stack.url}/`,
    `  Salesforce     ${stack.simulatorUrl}${simulated}`,
    `  Connect        ${connect.text}`,
    `  Read a token   ${curlLine(stack.url, connect.connectionId ?? 'CONNECTION_ID')}`,
    `  Keys           ${stack.keysFolder}${kept}`,
    `  Certificate    ${stack.certificateFile}  (of crm-jwt; ${stack.simulator === undefined ? 'register it there' : 'the simulator has it'})`,
    'Ctrl-C stops everything.',
  ];
  if (options.dynamodb !== undefined && options.dataDir === undefined) {
    lines.push('Note: the items stay in that engine, the keys do not: without --data, no later start can read them.');
  }
  return lines;
}

function curlLine(url: string, connectionId: string): string {
  return `curl ${url}/connections/${connectionId}/token`;
}

function reasonOf(error: unknown): string {
  if (error instanceof PortTakenError) {
    return `${error.message} Stop that process, or choose another port, e.g. npm start -- --port 3100 (0 takes a free one).`;
  }
  if (error instanceof FolderInUseError || error instanceof FolderUnusableError) return error.message;
  return `Grantkeeper could not start: ${error instanceof Error ? error.message : String(error)}`;
}

/**
 * Resolves at the first Ctrl-C; one more, a second later or after, ends the process at once. Sooner it is the same one,
 * come twice: from the terminal and handed on by npm.
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const ask = () => {
      if (askedAt !== undefined && performance.now() - askedAt > 1_000) process.exit(130);
      if (askedAt !== undefined) return;
      askedAt = performance.now();
      setTimeout(() => process.exit(1), stopWithinMs).unref();
      resolve();
    };
    process.on('SIGINT', ask);
    process.on('SIGTERM', ask);
    whenOrphaned(ask);
  });
}

/** A signal to `npm start` itself ends npm and its shell, and leaves this process behind: it must stop too. */
function whenOrphaned(act: () => void): void {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, 250);
  watch.unref();
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
