/**
 * Findings on how the app is set up at Salesforce and here, as far as that can be seen: much of Salesforce's Setup cannot,
 * and then that is said.
 *
 * Source: facts §2; Salesforce, "Secure Your Connected Apps and External Client Apps" (ISVforce Guide); Salesforce Help,
 * "Set IP Allowlist for Refresh Tokens", "Limit the Idle Refresh Token TTL in External Client Apps".
 */
import { pageOf } from './diagnosis.ts';
import { appPolicies, appSettings } from './error-remedies.ts';
import type { Finding } from './health.ts';
import { type AppFacts, keepsRefreshTokens, mayBePartnerApp, partnerEvidence } from './health-facts.ts';

const nothing = 'Nothing is to be done.';

export function pkceFindings({ config }: AppFacts): readonly Finding[] {
  if (config.flow !== 'authorization_code') return [];
  return [
    {
      code: 'pkce_sent',
      severity: 'info',
      summary:
        'Every authorization is asked for with PKCE (S256). Whether the app requires it cannot be seen from here.',
      evidence: ['Grantkeeper sends code_challenge_method=S256 always; no setting turns it off.'],
      remedy: `${appSettings}: turn on Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows, if it is off.`,
    },
  ];
}

const partnerIdleDays = 30;

export function idleLimitFindings(facts: AppFacts): readonly Finding[] {
  if (!keepsRefreshTokens(facts)) return [];
  const { app, config } = facts;
  const idle = config.idleLimitDays;
  const setting = `${appPolicies} > Refresh Token Policy: "Expire refresh token if not used for specific time", ${partnerIdleDays} days; then idleLimitDays: ${partnerIdleDays} in apps.${app} of the configuration, so that idle connections are kept alive and their ends warned of.`;
  const severity = mayBePartnerApp(facts) ? 'warning' : 'info';
  if (idle === undefined) {
    return [
      {
        code: 'idle_limit_unset',
        severity,
        summary: 'No idle limit of refresh tokens is configured: the end of one that idles is not warned of.',
        evidence: [
          `apps.${app}.idleLimitDays is not set; what Salesforce applies cannot be seen from here.`,
          ...partnerEvidence(facts),
        ],
        remedy: setting,
      },
    ];
  }
  const long = idle > partnerIdleDays && mayBePartnerApp(facts);
  return [
    {
      code: long ? 'idle_limit_too_long' : 'idle_limit_set',
      severity: long ? 'warning' : 'info',
      summary: `Refresh tokens end when idle for ${idle} days, by the configuration; idle connections are refreshed in time.`,
      evidence: [`apps.${app}.idleLimitDays is ${idle}.`, ...(long ? partnerEvidence(facts) : [])],
      remedy: long ? setting : nothing,
    },
  ];
}

/** However much it is used, it ends: each of its users must come back that often. */
export function lifetimeLimitFindings(facts: AppFacts): readonly Finding[] {
  const lifetime = facts.config.lifetimeLimitDays;
  if (!keepsRefreshTokens(facts) || lifetime === undefined) return [];
  return [
    {
      code: 'lifetime_limit_set',
      severity: 'warning',
      summary: `Refresh tokens end ${lifetime} days after their authorization, however much they are used: every user must authorize again that often.`,
      evidence: [`apps.${facts.app}.lifetimeLimitDays is ${lifetime}.`],
      remedy: `${appPolicies} > Refresh Token Policy: an idle limit ("Expire refresh token if not used for specific time") ends only what is not in use. Change both there and in the configuration.`,
      page: pageOf('lifetime_expiry'),
    },
  ];
}

/** Once the refresh token IP allowlist is enforced, a refresh from another address is refused. */
export function egressFindings(facts: AppFacts): readonly Finding[] {
  if (!keepsRefreshTokens(facts)) return [];
  const { egressAddresses } = facts;
  const allowlist = `${appSettings}: turn on Enforce Refresh Token IP Allowlist and add them`;
  if (egressAddresses.length > 0) {
    return [
      {
        code: 'egress_addresses_fixed',
        severity: 'info',
        summary:
          'Requests to Salesforce leave from fixed addresses; whether the app allows only these cannot be seen from here.',
        evidence: [`Deployed with egress: ${egressAddresses.join(', ')}`],
        remedy: `${allowlist}, if it is off.`,
      },
    ];
  }
  return [
    {
      code: 'egress_addresses_unknown',
      severity: mayBePartnerApp(facts) ? 'warning' : 'info',
      summary:
        'No fixed addresses are known from which requests leave for Salesforce: with a refresh token IP allowlist, refreshes would be refused.',
      evidence: [
        'Deployed without egress; AWS gives functions outside a VPC changing addresses.',
        ...partnerEvidence(facts),
      ],
      remedy: `Deploy with egress: {} (docs/deploying.md, The network), and take the addresses from the output EgressAddresses. Then ${allowlist}. Not in the other order.`,
    },
  ];
}

/** Of the local stack nothing is said: who clicks through it is alone. */
export function claimFindings({ app, config, deployed }: AppFacts): readonly Finding[] {
  if (!deployed || config.flow !== 'authorization_code' || config.claim) return [];
  return [
    {
      code: 'claim_off',
      severity: 'warning',
      summary: `Sessions of ${app} are linked without a claim: whoever mails a connect link to a victim gets the victim's org.`,
      evidence: [`apps.${app}.claim is false.`],
      remedy: `Claim sessions (README.md, Claim who comes back), then take claim: false out of apps.${app}.`,
      page: 'README.md',
    },
  ];
}
