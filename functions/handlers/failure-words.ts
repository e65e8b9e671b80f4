/**
 * What a customer reads when a connect session has failed, by the code of its error. The error's own detail and remedy
 * are for the service that began the session; here it is said to the person at the browser, with what was spent at
 * Salesforce and who must act. Codes: `authorization-error.ts`, `check-code-answer.ts`, `finish-connect.ts` and the
 * session's own.
 */
import type { SessionError } from '../core/session.ts';
import type { Step } from './page.ts';

export interface FailureWords {
  readonly title: string;
  /** @default the error's own detail, which names the ids that were expected and found */
  readonly meaning?: string;
  /** What it cost at Salesforce. */
  readonly spent: string;
  readonly steps: readonly Step[];
}

export const nothingSpent = 'No access was given, and no Salesforce authorization was used up.';
const givenBack =
  'Salesforce did give us access. We did not keep it and are giving it back, so that nothing is left of it.';

const you = (text: string): Step => ({ who: 'you', text });
const administrator = (text: string): Step => ({ who: 'administrator', text });
const operator = (text: string): Step => ({ who: 'operator', text });

const newLink = 'Open a new link from where you got this one.';
const newLinkLater = you('Wait a few minutes, then open a new link from where you got this one.');
const newLinkAfterwards = 'when that is done, open a new link from where you got this one.';
const tellAdministrator = you(`Send this page to your Salesforce administrator; ${newLinkAfterwards}`);
const tellOperator = you('In Salesforce you need change nothing. Tell us the code below, and we send you a new link.');

const words: Readonly<Record<string, FailureWords>> = {
  access_denied: {
    title: 'Access was not allowed',
    meaning: 'Somebody chose “Deny” in Salesforce, or a policy of your organization refused the access.',
    spent: nothingSpent,
    steps: [
      you(`If it was a mistake: ${lower(newLink)} Choose “Allow” there.`),
      administrator('If Salesforce did not ask at all: look at the policies of this app in Salesforce Setup.'),
    ],
  },
  OAUTH_EC_APP_NOT_FOUND: {
    title: 'The app is not installed in your Salesforce',
    meaning: 'Salesforce lets people use an app only in organizations that have installed it, and yours has not.',
    spent: nothingSpent,
    steps: [administrator('Install the app in your organization, in Salesforce Setup.'), tellAdministrator],
  },
  OAUTH_AUTHORIZATION_BLOCKED: {
    title: 'Your Salesforce takes no new users of this app',
    meaning: 'Most often the app is not installed in your organization: then Salesforce blocks everybody new to it.',
    spent: nothingSpent,
    steps: [
      administrator('Install the app in your organization, or allow it, in Salesforce Setup.'),
      tellAdministrator,
    ],
  },
  OAUTH_APP_BLOCKED: {
    title: 'Your Salesforce administrator has blocked this app',
    meaning: 'An administrator of your organization has forbidden the app for everybody in it.',
    spent: nothingSpent,
    steps: [
      administrator('If the app shall be used: unblock it in Salesforce Setup, under Connected Apps OAuth Usage.'),
      tellAdministrator,
    ],
  },
  OAUTH_APP_ACCESS_DENIED: {
    title: 'You are not approved for this app in Salesforce',
    meaning: 'In your organization only those whom an administrator has approved may use the app.',
    spent: nothingSpent,
    steps: [administrator("Give the user's profile or a permission set access to the app."), tellAdministrator],
  },
  wrong_org: {
    title: 'You logged in to another Salesforce organization',
    spent: givenBack,
    steps: [
      you('Log out of Salesforce in this browser, or use a private window.'),
      you('Open a new link from where you got this one, and log in to the expected organization.'),
    ],
  },
  wrong_user: {
    title: 'You logged in as another Salesforce user',
    spent: givenBack,
    steps: [
      you('Log out of Salesforce in this browser, or use a private window.'),
      you('Open a new link from where you got this one, and log in as the expected user.'),
    ],
  },
  lost_response: {
    title: 'The answer from Salesforce was lost',
    meaning: 'You allowed the access, but on the way to us something broke off. Nothing was connected.',
    spent:
      'Salesforce may have counted an authorization that nobody can use. It keeps up to five for each user and app, and drops one of them by itself.',
    steps: [you(`${newLink} Allow the access once more.`)],
  },
  overtaken: {
    title: 'Something newer came first',
    meaning:
      'While you were in Salesforce, the product was connected by somebody else, or the connection was taken out of use.',
    spent: givenBack,
    steps: [you(`If it is you who should be connected: ${lower(newLink)}`)],
  },
  unclaimed: {
    title: 'The connection was not confirmed in time',
    meaning: 'You allowed the access, and the product did not confirm that it was you who had asked for it.',
    spent: 'Nothing was connected. Access that nobody uses is given back to Salesforce.',
    steps: [
      you('Log in to the product, begin there once more, and stay in the same browser until the end.'),
      you('If somebody else sent you the link and you did not expect it, do nothing.'),
    ],
  },
  app_misconfigured: {
    title: 'This does not work, and it is our fault',
    meaning: 'Our set-up with Salesforce is not complete, so we could not finish what you began.',
    spent: nothingSpent,
    steps: [
      operator("Complete the app's set-up: its configuration, client secret and callback address."),
      tellOperator,
    ],
  },
  too_late: {
    title: 'There was too little time to finish safely',
    meaning: 'We were slow, and rather sent nothing to Salesforce than lose its answer.',
    spent: nothingSpent,
    steps: [you(newLink)],
  },
  expired_code: {
    title: 'The confirmation from Salesforce had expired',
    meaning: 'What Salesforce gives along when you choose “Allow” is good for minutes, and once.',
    spent: nothingSpent,
    steps: [you(`${newLink} Allow the access once more.`)],
  },
  exchange_refused: {
    title: 'Salesforce refused our request',
    meaning: 'You allowed the access, and Salesforce did not accept the request with which we asked for it.',
    spent: nothingSpent,
    steps: [
      you('Open a new link from where you got this one, and stay in one window until the end.'),
      operator("If it happens again: compare the app's settings with those in Salesforce Setup."),
    ],
  },
  foreign_identity: untrusted('The answer does not name you on an address of Salesforce.'),
  foreign_instance: untrusted('The answer names an address that does not belong to Salesforce.'),
  wrong_signature: {
    title: 'The answer from Salesforce could not be verified',
    meaning: 'It does not bear the signature that we expected, so we did not trust it.',
    spent: givenBack,
    steps: [operator('Compare the client secret with the one in Salesforce Setup.'), tellOperator],
  },
  no_refresh_token: {
    title: 'Salesforce gave no lasting access',
    meaning: 'The product works while you are away, and for that it needs access that lasts. It got a short one.',
    spent: givenBack,
    steps: [operator('Give the external client app the scope refresh_token in Salesforce Setup.'), tellOperator],
  },
  disconnected: {
    title: 'The connection was removed meanwhile',
    meaning: 'While you were in Salesforce, somebody disconnected it.',
    spent: givenBack,
    steps: [you('If it shall be connected again, open a new link from where you got this one.')],
  },
  invalid_request: badRequest('Salesforce calls the request that we sent you with malformed.'),
  invalid_scope: badRequest('We asked Salesforce for a kind of access that it does not give to this app.'),
  immediate_unsuccessful: {
    title: 'You were not logged in to Salesforce',
    meaning: 'Or you had not allowed the app before. Salesforce did not ask you for either.',
    spent: nothingSpent,
    steps: [you(`${newLink} Log in to Salesforce.`)],
  },
  inactive_user: {
    title: 'Your Salesforce user is not active',
    meaning: 'An administrator has deactivated it, or it is locked.',
    spent: nothingSpent,
    steps: [
      administrator('Activate the user in Salesforce Setup.'),
      you(`Or log in as another user: ${lower(newLink)}`),
    ],
  },
  inactive_org: {
    title: 'Your Salesforce organization is not active',
    meaning: 'It is locked, suspended or expired.',
    spent: nothingSpent,
    steps: [administrator('Have the organization reactivated by Salesforce.'), tellAdministrator],
  },
  rate_limit_exceeded: {
    title: 'Salesforce takes no more logins for now',
    meaning: 'There were too many in a short time.',
    spent: nothingSpent,
    steps: [you('Wait an hour, then open a new link from where you got this one.')],
  },
  server_error: {
    title: 'Salesforce had a failure',
    meaning: 'It ended the authorization with an error of its own.',
    spent: nothingSpent,
    steps: [newLinkLater],
  },
  temporarily_unavailable: {
    title: 'Salesforce is not available at the moment',
    meaning: 'It is overloaded or under maintenance.',
    spent: nothingSpent,
    steps: [newLinkLater],
  },
};

/** Codes that have words of their own. */
export const worded: readonly string[] = Object.keys(words);

/** What is not worded here is said as the session says it. */
export function failureWords({ code, remedy }: SessionError): FailureWords {
  const own = Object.hasOwn(words, code) ? words[code] : undefined;
  return own ?? { title: 'Salesforce was not connected', spent: 'Nothing was connected.', steps: [you(remedy)] };
}

function untrusted(meaning: string): FailureWords {
  const step = operator("Check the app's login address and the network path to Salesforce.");
  const wait = you('Do not try again before you hear from us. Tell us the code below.');
  return { title: 'We did not trust the answer', meaning, spent: givenBack, steps: [step, wait] };
}

function badRequest(meaning: string): FailureWords {
  const step = operator("Compare the app's settings (PKCE, callback address, scopes) with those in Salesforce Setup.");
  return {
    title: 'Salesforce did not understand our request',
    meaning,
    spent: nothingSpent,
    steps: [step, tellOperator],
  };
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
