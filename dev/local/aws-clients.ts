/**
 * How the SDK's clients reach the embedded engines: explicit endpoint, region and credentials, so that nothing of the
 * developer's own AWS configuration is read, let alone used.
 */
export const localRegion = 'us-east-1';

export interface LocalClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

export function localClientConfig(endpoint: string): LocalClientConfig {
  return {
    endpoint,
    region: localRegion,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
  };
}
