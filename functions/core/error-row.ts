/** What is known of one error of the token endpoint: its class, what it means, who must do what. */

/**
 * dead: the user must authorize again. admin: the org's administrator must change something, the token may survive.
 * operator: our app's configuration or key is wrong, the token survives. transient: try later. busy: another refresh of
 * the same token is in flight. bug: our request was malformed. unknown: not in the table, acts as transient.
 */
export type FailureClass = 'dead' | 'admin' | 'operator' | 'transient' | 'busy' | 'bug' | 'unknown';

/** Which request the error answers: a few descriptions mean different things on each. */
export type Ask = 'code' | 'refresh' | 'jwt_bearer' | 'client_credentials';

/** Who must act: the user who authorizes, the org's Salesforce administrator, the operator of Grantkeeper, nobody. */
export type Actor = 'user' | 'administrator' | 'operator' | 'nobody';

export interface ErrorWords {
  readonly meaning: string;
  readonly actor: Actor;
  /** With the menu's names, where something is to be done in Salesforce. */
  readonly remedy: string;
}

export interface ErrorRow extends ErrorWords {
  readonly error: string;
  /** Lower case. Absent: any description that has no row of its own. */
  readonly description?: string;
  /** By request where it differs; what is not named is as for `refresh`. */
  readonly class: FailureClass | (Readonly<Partial<Record<Ask, FailureClass>>> & { readonly refresh: FailureClass });
  /** What is said otherwise of some requests. */
  readonly words?: Readonly<Partial<Record<Ask, Partial<ErrorWords>>>>;
}
