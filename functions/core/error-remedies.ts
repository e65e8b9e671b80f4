/**
 * What to do, as several errors have it in common. Names of menus, tabs and fields are those of Salesforce Setup for
 * external client apps ("Configure a JWT Bearer Flow", "Configure a Client Credentials Flow", "Preauthorize User App Access
 * Through External Client App Policies", Salesforce Help).
 */

const app = 'Setup > External Client App Manager > the app';
export const appSettings = `${app} > Settings > OAuth Settings`;
export const appPolicies = `${app} > Policies > OAuth Policies`;

export const wait = 'Nothing is to be done: it is tried again by itself.';
export const restart = 'Open a new connect link and authorize again.';
export const askUs = 'This is a defect: report it with the log of the attempt.';

export const preauthorize = `${appPolicies}: set Permitted Users to "Admin approved users are pre-authorized"; then, under App Policies, select a profile or permission set that the user has. Of a connected app: Setup > Manage Connected Apps > the app > Manage Profiles or Manage Permission Sets.`;

export const enableAssertions = `${appSettings} > Flow Enablement: turn on Enable JWT Bearer Flow and upload the certificate (of a connected app: Use digital signatures).`;

export const enableClients = `${appSettings} > Flow Enablement: turn on Enable Client Credentials Flow; then ${appPolicies} > OAuth Flows and External Client App Enhancements: turn it on there too, and choose Run As.`;

export const enableFlow = `Turn the flow on for the app: ${appSettings} > Flow Enablement.`;

/** Without a browser nobody can authorize again; what ended a user's tokens, an administrator mends. */
export const mendUser =
  'Look at the user in Setup > Users (active, not frozen, not locked) and in Setup > Login History; once that is set right, it goes on by itself.';
