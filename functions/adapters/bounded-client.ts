/**
 * Time and tries of every AWS SDK client: its defaults wait for ever, and a Lambda that hangs until its timeout says
 * nothing. `requestTimeout` alone only warns; `throwOnRequestTimeout` makes it a limit.
 */
export interface ClientBounds {
  /** For one try, connection included. */
  readonly requestTimeoutMs: number;
  /** The first included. */
  readonly maxAttempts: number;
}

export interface BoundedClientConfig {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

const connectionTimeoutMs = 1500;

/** Hand it to a client's constructor; endpoint, region and credentials come from the SDK's own environment. */
export function boundedClient({ requestTimeoutMs, maxAttempts }: ClientBounds): BoundedClientConfig {
  return {
    maxAttempts,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
  };
}
