/**
 * What you deploy: your apps at Salesforce, where their users may be sent back to, and thresholds. Every setting is
 * described in `functions/core/config.ts`; `npm run synth` names the path of what is wrong.
 *
 * How it is deployed (its domain, its network, what it takes up of an earlier stack) stands below, in `deployment`: every
 * setting is described in `lib/grantkeeper.ts`, and in docs/deploying.md.
 *
 * No secret belongs here: put the consumer secret into Secrets Manager after the first deployment (output
 * `ClientSecretName…`). The client id below is a placeholder; take the consumer key of your external client app.
 */
import { defineConfig } from './functions/core/config.ts';
import { defineDeployment } from './lib/deployment.ts';

export default defineConfig({
  apps: {
    crm: {
      clientId: 'replace-with-the-consumer-key-of-your-external-client-app',
      scopes: ['api', 'refresh_token'],
      // Where users come back to, with the claim that your service confirms (README, "Claim who comes back"): an app
      // without an address cannot link, unless you set `claim: false`.
      returnTo: ['https://app.example.com/settings/salesforce'],
      // salesforceName: 'Example Sync' is the app as Salesforce lists it (Setup, OAuth Usage): the grants that we hold are
      // then compared with those that Salesforce has. grantLimit: 4 is the safe setting; five are documented.
    },
    // To only learn who a user is, register a second external client app and name it here with `purpose: 'sign_in'`:
    // signing in with the app above would spend one of the user's five grants each time.
    //
    // Without a browser, and without spending a grant (README, "Connections without a browser"):
    // 'crm-jwt': { flow: 'jwt_bearer', clientId: '…' } then `npx grantkeeper signing-key crm-jwt`;
    // 'crm-service': { flow: 'client_credentials', clientId: '…', loginUrl: 'https://example.my.salesforce.com' }.
  },
  // brand: { name: 'Example', color: '#0b5cab' } puts your name and colour on the pages that a customer sees.
  thresholds: {
    apiRequestsPerSecond: 100,
    apiBurst: 200,
    deadLetterMessages: 1,
  },
});

export const deployment = defineDeployment(() => ({
  // For a trial. The callback URL stands in every external client app, so give it a name that outlives the stack, and take
  // this line out:
  // domainName: { domainName: 'grants.example.com', certificate: Certificate.fromCertificateArn(stack, 'Certificate', '…') },
  allowExecuteApiUrl: true,
}));
