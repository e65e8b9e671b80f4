/**
 * Who exists at the simulated Salesforce: client apps, organizations and their users.
 *
 * Ids have 18 characters: 15 that tell upper from lower case, and 3 that encode which of those are upper case
 * (Salesforce Help, "What are 15 and 18 character IDs").
 */

export interface SimulatorApp {
  clientId: string;
  /** As Salesforce lists it (Setup, OAuth Usage; `OauthToken.AppName`). @default the client id */
  name?: string;
  /** Absent for a public client, which must not send one. */
  clientSecret?: string;
  /** Compared as whole strings. */
  redirectUris: string[];
  scopes: string[];
  /** For the JWT bearer flow: X.509 certificates (PEM, RSA) to verify assertions with. @default none */
  certificates?: string[];
  /** Usernames that an administrator has approved for the JWT bearer flow. @default nobody */
  preauthorized?: 'all' | string[];
  /** For client credentials: the username whom the app runs as. @default nobody, so that they are refused */
  runAs?: string;
}

export interface SimulatorUser {
  /** 18 characters, `005…`. */
  id: string;
  username: string;
  name: string;
  active: boolean;
  /** Active, but kept from logging in. @default false */
  locked?: boolean;
}

export interface SimulatorOrg {
  /** 18 characters, `00D…`. */
  id: string;
  name: string;
  /** @default true */
  active?: boolean;
  users: SimulatorUser[];
}

export interface Person {
  org: SimulatorOrg;
  user: SimulatorUser;
}

/** What keeps a person from everything, if anything does. */
export function inactivityOf(person: Person | undefined): 'inactive_org' | 'inactive_user' | undefined {
  if (person?.org.active === false) return 'inactive_org';
  return person?.user.active === true ? undefined : 'inactive_user';
}

/** Usernames are the same in upper and lower case. */
export function isUsername(known: string, name: string): boolean {
  return known.toLowerCase() === name.toLowerCase();
}

export function nameOf(app: SimulatorApp): string {
  return app.name ?? app.clientId;
}

export function mustFindApp(apps: readonly SimulatorApp[], clientId: string): SimulatorApp {
  const app = apps.find((candidate) => candidate.clientId === clientId);
  if (app !== undefined) return app;
  throw new Error(
    `The simulator knows no app "${clientId}"; it has ${apps.map((known) => known.clientId).join(', ')}.`,
  );
}

export const defaultOrgs: SimulatorOrg[] = [
  org('00D5g000004aCme', 'Acme Trading', [
    ['0055g00000AdaLv', 'ada@acme.example', 'Ada Lovelace'],
    ['0055g00000GrcHp', 'grace@acme.example', 'Grace Hopper'],
    ['0055g00000KthJn', 'katherine@acme.example', 'Katherine Johnson'],
  ]),
  org('00D8d00000GloBx', 'Globex Freight', [
    ['0058d00000AlnTg', 'alan@globex.example', 'Alan Turing'],
    ['0058d00000MryJk', 'mary@globex.example', 'Mary Jackson'],
    ['0058d00000EdsDk', 'edsger@globex.example', 'Edsger Dijkstra'],
  ]),
];

export function findUser(orgs: readonly SimulatorOrg[], matches: (user: SimulatorUser) => boolean): Person | undefined {
  for (const candidate of orgs) {
    const user = candidate.users.find(matches);
    if (user !== undefined) return { org: candidate, user };
  }
  return undefined;
}

/** The 18-character form of a 15-character id: one checksum character for each five. */
export function caseSafeId(id15: string): string {
  if (!/^[A-Za-z0-9]{15}$/.test(id15)) {
    throw new Error(`An id to complete must have 15 letters and digits, got "${id15}".`);
  }
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
  let suffix = '';
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let offset = 0; offset < 5; offset += 1) {
      if (/[A-Z]/.test(id15.charAt(start + offset))) bits |= 1 << offset;
    }
    suffix += alphabet.charAt(bits);
  }
  return id15 + suffix;
}

/** A copy that may be changed, refused where an id has not the form that Salesforce would give it. */
export function copyOrgs(orgs: readonly SimulatorOrg[]): SimulatorOrg[] {
  for (const { id, users } of orgs) {
    assertId(id, /^00D[A-Za-z0-9]{15}$/, 'an organization id (00D…)');
    for (const user of users) assertId(user.id, /^005[A-Za-z0-9]{15}$/, 'a user id (005…)');
  }
  return structuredClone([...orgs]);
}

function assertId(id: string, pattern: RegExp, what: string): void {
  if (!pattern.test(id)) throw new Error(`The simulator needs ${what} of 18 characters, got "${id}".`);
}

function org(id15: string, name: string, users: [id15: string, username: string, name: string][]): SimulatorOrg {
  return {
    id: caseSafeId(id15),
    name,
    users: users.map(([id, username, userName]) => ({ id: caseSafeId(id), username, name: userName, active: true })),
  };
}
