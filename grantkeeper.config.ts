/**
 * What you deploy: your apps at Salesforce, where their users may be sent back to, and thresholds. Every setting is
 * described in `functions/core/config.ts`; `npm run synth` names the path of what is wrong.
 *
 * No secret belongs here: put the consumer secret into Secrets Manager after the first deployment (output
 * `ClientSecretName…`). The client id below is a placeholder; take the consumer key of your external client app.
 */
import { defineConfig } from './functions/core/config.ts';

export default defineConfig({
  apps: {
    crm: {
      clientId: 'replace-with-the-consumer-key-of-your-external-client-app',
      scopes: ['api', 'refresh_token'],
      returnTo: ['https://app.example.com/settings/salesforce'],
    },
  },
  thresholds: {
    apiRequestsPerSecond: 100,
    apiBurst: 200,
    deadLetterMessages: 1,
  },
});
