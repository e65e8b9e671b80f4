/** Queues that the second deployment subscribes to its alerts, each behind a filter. */
export const alertQueues = {
  /** By the construct's own prop: spikes of the app that dies, if they are critical. */
  spikes: 'spikes-of-doomed',
  /** By a subscription of the deployer's: all alerts of another app. */
  others: 'alerts-of-crm',
} as const;

/** The app whose connections are killed. */
export const doomedApp = 'doomed';
