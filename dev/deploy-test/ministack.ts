/**
 * MiniStack, an emulator of AWS without Docker: CloudFormation, API Gateway, Lambdas as Node processes, and the rest.
 * Installed from PyPI into `.cache/`, served on a free port of 127.0.0.1.
 *
 * With `enforced`, it checks signatures and evaluates the policies of users, Lambda roles, queues and topics, and
 * serves with TLS, which some of those policies demand.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type AwsEnvironmentOptions, awsEnvironment } from './aws-environment.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { type Child, startChild } from './child.ts';
import { until } from './poll.ts';
import { ensurePythonVenv } from './python-venv.ts';

const requirements = ['ministack==1.5.33', 'cryptography'];
const startWithinMs = 60_000;

export interface MiniStackOptions {
  /** For its log, its certificate and the code of its Lambdas. Outside of any package: CommonJS is run there. */
  readonly directory: string;
  /** Check signatures and policies. @default false: any credentials may do anything */
  readonly enforced?: boolean;
}

export interface MiniStack extends AwsEnvironmentOptions {
  readonly logFile: string;
  stop(): Promise<void>;
}

export async function startMiniStack({ directory, enforced = false }: MiniStackOptions): Promise<MiniStack> {
  const programs = await ensurePythonVenv('ministack', requirements);
  const certificate = enforced ? await makeCertificate(join(programs, 'python'), directory) : undefined;
  const port = await freePort();
  const access: AwsEnvironmentOptions = {
    endpoint: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    certificateFile: certificate?.certificateFile,
  };
  const logFile = join(directory, 'ministack.log');
  const child = startChild({
    command: join(programs, 'ministack'),
    args: [],
    env: { ...awsEnvironment(process.env, access), ...settings(port, directory, certificate) },
    cwd: directory,
    logFile,
  });
  try {
    await until('MiniStack listens', startWithinMs, () => listens(child, port));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { ...access, logFile, stop: () => child.stop() };
}

function settings(port: number, directory: string, certificate: Certificate | undefined): Record<string, string> {
  return {
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    // It leaves the code of its Lambdas there.
    TMPDIR: directory,
    SFTP_ENABLED: '0',
    IOT_MTLS_ENABLED: '0',
    ...(certificate === undefined
      ? {}
      : {
          AUTH: 'true',
          USE_SSL: '1',
          MINISTACK_SSL_CERT: certificate.certificateFile,
          MINISTACK_SSL_KEY: certificate.keyFile,
        }),
  };
}

async function listens(child: Child, port: number): Promise<true | undefined> {
  if (child.process.exitCode !== null) throw new Error(`MiniStack ended at its start. It printed:\n${child.tail()}`);
  return new RegExp(`Ready .* on port ${port}`).test(child.tail()) ? true : undefined;
}

/** Another process could take it in between; MiniStack then ends at once and says so. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
