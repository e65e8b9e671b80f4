/** Users of the second deployment's stack, each granted one app only. */
export const limitedUsers = {
  /** `grantRead` and `grantConnect` of the app `crm`. */
  crm: 'crm-service',
  /** `grantAdmin` of the app `crm-login`. */
  login: 'login-service',
} as const;
