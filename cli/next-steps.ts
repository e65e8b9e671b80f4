/** What is to be done in Salesforce, by the menu's names, once a command has done its part. */
import { makeKeyCommand, type SigningKeyId, signingKeyIds } from '../functions/adapters/signing-key-names.ts';
import type { AppConfig } from '../functions/core/config.ts';

/** Warm functions remember an app's keys for five. */
const waitMinutes = 6;

export function afterCertificate(app: AppConfig, file: string): readonly string[] {
  return [
    'Next, in Salesforce:',
    `  1. ${settingsOf(app)}:`,
    `     upload ${file} and save. Grantkeeper warns of the end of this certificate, so upload it even where an older`,
    '     one still works.',
    '  2. In the same app, Policies > OAuth Policies: set Permitted Users to "Admin approved users are pre-authorized", then',
    '     select the permission sets (or profiles) of the users for whom Grantkeeper may ask.',
  ];
}

export function afterRotation(
  { app: name, prefix }: { readonly app: string; readonly prefix: string },
  app: AppConfig,
  file: string,
  id: SigningKeyId,
): readonly string[] {
  const command = makeKeyCommand(name, prefix);
  const old = signingKeyIds.find((other) => other !== id);
  return [
    'Next (docs/runbooks/rotate-signing-key.md says why in this order):',
    `  1. Wait ${waitMinutes} minutes: by then every running function knows both keys.`,
    `  2. ${settingsOf(app)}:`,
    `     upload ${file}, beside the present certificate if Salesforce keeps both, else in its place, and save.`,
    `  3. ${command} --key ${id} --try USERNAME`,
    '     must say that Salesforce takes the new key.',
    `  4. ${command} --retire ${old}`,
  ];
}

export function afterRetirement(app: AppConfig, id: SigningKeyId): readonly string[] {
  return [`If Salesforce still holds the certificate of key ${id}, remove it there:`, `  ${settingsOf(app)}`];
}

/** By the menu's names. */
function settingsOf({ clientId }: AppConfig): string {
  const app = `the app with the consumer key ${clientId}`;
  return `Setup > External Client App Manager > ${app} > Settings > OAuth Settings > Enable JWT Bearer Flow`;
}
