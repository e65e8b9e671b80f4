/**
 * What a Lambda is told by its environment, and the deployer's configuration beside it. The one file that reads
 * `process.env`: once, at cold start. Each value is asked for by the function that needs it, so that a Lambda is not
 * refused for the lack of what it never uses.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type AppCallers, createAppCallers } from '../core/app-callers.ts';
import { type GrantkeeperConfig, parseConfig } from '../core/config.ts';
import { ConfigurationError } from '../core/errors.ts';

/** Where no stack says another. */
const defaultMetricsNamespace = 'Grantkeeper';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Each throws `ConfigurationError` naming its variable where that is unset or empty. */
export interface Environment {
  tableName(): string;
  /** The bucket of the second store. */
  lifeboatBucket(): string;
  refreshQueueUrl(): string;
  refreshFunctionName(): string;
  configurationQueueUrl(): string;
  /** The deployer's own configuration step; `undefined`: there is none. Never throws. */
  configurationFunctionName(): string | undefined;
  maintainFunctionName(): string;
  tokenFunctionName(): string;
  /** Who is held to which apps. */
  appCallers(): AppCallers;
  alertTopicArn(): string;
  /** The topic of messages for a chat; `undefined`: there is none. Never throws. */
  chatTopicArn(): string | undefined;
  /** Id or ARN of the KMS key that wraps data keys. */
  dataKeyId(): string;
  /** The client secret of an app is `<prefix><app>/client-secret`. */
  clientSecretPrefix(): string;
  /** Begins the names of signing keys (`functions/adapters/signing-key-names.ts`). */
  signingKeyPrefix(): string;
  /** An origin: the variable, else `publicUrl` of the configuration. */
  publicUrl(): string;
  /** From `EGRESS_ADDRESSES`, IP addresses or ranges with commas between; none where it is unset. Throws where one is none. */
  egressAddresses(): readonly string[];
  /** Stands in logs and metrics. */
  serviceName(): string;
  /** Of CloudWatch: each stack's own. @default 'Grantkeeper' */
  metricsNamespace(): string;
  /** Read and judged at the first call. */
  config(): GrantkeeperConfig;
}

export function environmentOf(variables: Variables, bundleDirectory: string): Environment {
  const required = (name: string) => () => requiredVariable(variables, name);
  let config: GrantkeeperConfig | undefined;
  const environment: Environment = {
    tableName: required('TABLE_NAME'),
    lifeboatBucket: required('LIFEBOAT_BUCKET'),
    refreshQueueUrl: required('REFRESH_QUEUE_URL'),
    refreshFunctionName: required('REFRESH_FUNCTION_NAME'),
    configurationQueueUrl: required('CONFIGURATION_QUEUE_URL'),
    configurationFunctionName: () => variables.CONFIGURATION_FUNCTION_NAME || undefined,
    maintainFunctionName: required('MAINTAIN_FUNCTION_NAME'),
    tokenFunctionName: required('TOKEN_FUNCTION_NAME'),
    appCallers: () => createAppCallers(requiredVariable(variables, 'APP_CALLERS')),
    alertTopicArn: required('ALERT_TOPIC_ARN'),
    chatTopicArn: () => variables.CHAT_TOPIC_ARN || undefined,
    dataKeyId: required('DATA_KEY_ID'),
    clientSecretPrefix: required('CLIENT_SECRET_PREFIX'),
    signingKeyPrefix: required('SIGNING_KEY_PREFIX'),
    publicUrl: () => publicOrigin(variables, environment),
    egressAddresses: () => addresses(variables, 'EGRESS_ADDRESSES'),
    serviceName: () => variables.POWERTOOLS_SERVICE_NAME || variables.AWS_LAMBDA_FUNCTION_NAME || 'grantkeeper',
    metricsNamespace: () => variables.POWERTOOLS_METRICS_NAMESPACE || defaultMetricsNamespace,
    config: () => {
      config ??= readConfig(variables.CONFIG_FILE || join(bundleDirectory, 'config.json'));
      return config;
    },
  };
  return environment;
}

/** This process's own. In a bundle this module lies in the bundle's file, and `config.json` beside that. */
export const processEnvironment: Environment = environmentOf({ ...process.env }, import.meta.dirname);

function requiredVariable(variables: Variables, name: string): string {
  const value = variables[name];
  if (value) return value;
  throw problem(name, `is ${value === '' ? 'empty' : 'not set'}; the construct Grantkeeper sets it on each function`);
}

function addresses(variables: Variables, name: string): readonly string[] {
  const listed = (variables[name] ?? '').split(',').map((one) => one.trim());
  const given = listed.filter((one) => one !== '');
  const wrong = given.find((one) => !isAddressOrRange(one));
  if (wrong === undefined) return given;
  throw problem(
    name,
    `must be IP addresses or ranges with commas between, such as 192.0.2.1,192.0.2.64/28; got ${wrong.slice(0, 50)}`,
  );
}

/** `192.0.2.0/28` too: that is what the construct takes of a deployer whose NAT gateways leave by a range. */
function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function publicOrigin(variables: Variables, environment: Environment): string {
  const value = variables.PUBLIC_URL || environment.config().publicUrl || requiredVariable(variables, 'PUBLIC_URL');
  const url = URL.parse(value);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.pathname !== '/' || url.search) {
    throw problem('PUBLIC_URL', `must be an origin such as https://grants.example.com, without a path; got ${value}`);
  }
  return url.origin;
}

function readConfig(file: string): GrantkeeperConfig {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw problem('CONFIG_FILE', `${file} ${reason}; synthesize and deploy again, or name another file`);
  }
  return parseConfig(content, file);
}

function problem(path: string, message: string): ConfigurationError {
  return new ConfigurationError("the function's environment", [{ path, message }]);
}
