/**
 * The environment of every process that the deploy test starts: the emulator and nothing else. Whatever the developer
 * has of AWS (profile, keys, region, endpoints, files) is taken away first, and proxies with it, for nothing here may
 * leave the machine.
 */
import { devNull } from 'node:os';
import { delimiter, dirname } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

export const emulatedRegion = 'us-east-1';
export const emulatedAccount = '000000000000';
/** The emulator's administrator; good for nothing elsewhere. */
export const administrator = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

export interface AwsEnvironmentOptions {
  /** The emulator's origin. */
  readonly endpoint: string;
  /** PEM file of the certificate that it serves with, where it serves with TLS. */
  readonly certificateFile?: string;
}

/** @param variables as in `process.env` */
export function awsEnvironment(variables: Variables, options: AwsEnvironmentOptions): Record<string, string> {
  return {
    ...withoutAws(variables),
    // What says `node` runs on the Node.js of this process: the emulator's Lambdas, and cdk.json's app.
    PATH: [dirname(process.execPath), variables.PATH ?? ''].join(delimiter),
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_REGION: emulatedRegion,
    AWS_DEFAULT_REGION: emulatedRegion,
    AWS_ACCESS_KEY_ID: administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(options.certificateFile === undefined
      ? {}
      : { NODE_EXTRA_CA_CERTS: options.certificateFile, AWS_CA_BUNDLE: options.certificateFile }),
  };
}

const taken = /^(?:AWS_|CDK_|(?:HTTPS?|ALL|NO)_PROXY$|NODE_OPTIONS$|NODE_TEST_CONTEXT$)/i;

function withoutAws(variables: Variables): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && !taken.test(name)) kept[name] = value;
  }
  return kept;
}
