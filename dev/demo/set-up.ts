/**
 * What is to be configured on either side of the story, by the same step: the second integration's throws until it is
 * mended, as when the customer's warehouse refuses the connection.
 */
export const tenant = 'acme-trading';
export const user = { name: 'Ada', username: 'ada@acme.example' };
/** Worked from the first day. */
export const firstIntegration = 'orders';
/** Its set-up fails. */
export const secondIntegration = 'warehouse';

export interface SetUp {
  /** The configuration step; throws while it is broken. */
  configure(integration: string): Promise<void>;
  mend(): void;
  /** How often it threw. */
  failures(): number;
}

export function createSetUp(): SetUp {
  let broken = true;
  let failures = 0;
  return {
    configure: async (integration) => {
      if (!broken || integration !== secondIntegration) return;
      failures += 1;
      throw new Error('the warehouse does not answer');
    },
    mend: () => {
      broken = false;
    },
    failures: () => failures,
  };
}
