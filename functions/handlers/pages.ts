/** The pages of the connect flow, in the deployer's name: how a session stands, and the dead ends that never redirect. */
import type { Brand } from '../core/brand.ts';
import { KeysUnavailableError, StoreUnavailableError, TableRestoredError } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import type { Session } from '../core/session.ts';
import { sessionErrorOf, sessionStatus } from '../core/session-step.ts';
import { failureWords, nothingSpent } from './failure-words.ts';
import { type PageText, page } from './page.ts';

export interface Pages {
  /** How the session stands at `now`. */
  outcome(session: Session, now: number): HttpResponse;
  unknownLink(): HttpResponse;
  foreignBrowser(): HttpResponse;
  outdatedState(): HttpResponse;
  malformedCallback(): HttpResponse;
  /** A browser is told in words; the API's callers get a problem. */
  whileUnavailable(answer: () => Promise<HttpResponse>): Promise<HttpResponse>;
}

export function createPages(brand?: Brand): Pages {
  return {
    outcome: (session, now) => outcome(session, now, brand),
    unknownLink: () => page(404, unknownLink, brand),
    foreignBrowser: () => page(403, foreignBrowser, brand),
    outdatedState: () => page(409, outdatedState, brand),
    malformedCallback: () => page(400, malformedCallback, brand),
    whileUnavailable: async (answer) => {
      try {
        return await answer();
      } catch (error) {
        // Nothing has been sent to Salesforce, or it is kept.
        if (!passes.some((kind) => error instanceof kind)) throw error;
        return page(503, unavailable, brand);
      }
    },
  };
}

const passes = [StoreUnavailableError, KeysUnavailableError, TableRestoredError] as const;

function outcome(session: Session, now: number, brand: Brand | undefined): HttpResponse {
  switch (sessionStatus(session, now)) {
    case 'connected':
      return page(200, connected, brand);
    case 'signed_in':
      return page(200, signedIn, brand);
    case 'authorized':
      // Once claimed it is only being linked.
      return page(200, session.claimedAt === undefined ? authorized : almostDone, brand);
    case 'exchanging':
      return page(200, almostDone, brand);
    case 'failed':
      return failed(session, now, brand);
    case 'expired':
      return page(410, expired, brand);
    case 'pending':
      return page(503, notInConfiguration, brand);
  }
}

function failed(session: Session, now: number, brand: Brand | undefined): HttpResponse {
  const error = sessionErrorOf(session, now) ?? { code: 'unknown', detail: 'No reason was recorded.', remedy: newLink };
  const { title, meaning, spent, steps } = failureWords(error);
  const text: PageText = { tone: 'bad', title, paragraphs: [meaning ?? error.detail, spent], steps, code: error.code };
  return page(error.code === 'app_misconfigured' ? 503 : 400, text, brand);
}

const newLink = 'Open a new link from where you got this one.';

const connected: PageText = {
  tone: 'good',
  title: 'Salesforce is connected',
  paragraphs: ['The access that you allowed is stored, and the product can use it.'],
  steps: [{ who: 'you', text: 'You are done. You can close this window.' }],
};

const signedIn: PageText = {
  tone: 'good',
  title: 'You are signed in with Salesforce',
  paragraphs: ['Salesforce has told us who you are. No access to your data was kept.'],
  steps: [{ who: 'you', text: 'Go back to the product. You can close this window.' }],
};

const authorized: PageText = {
  tone: 'neutral',
  title: 'Allowed in Salesforce, not yet confirmed',
  paragraphs: [
    'What you allowed is kept safe. Nothing can use it before the product has confirmed that it was you who asked.',
    'If that does not happen within minutes, it is given back to Salesforce.',
  ],
  steps: [
    { who: 'you', text: 'Go back to the product, in this browser, where you are logged in to it.' },
    { who: 'you', text: 'If somebody else sent you the link and you did not expect it, do nothing.' },
  ],
};

const almostDone: PageText = {
  tone: 'neutral',
  title: 'Almost done',
  paragraphs: ['Salesforce has sent you back, and what you allowed is being stored. That goes on by itself.'],
  steps: [{ who: 'you', text: 'Load this page again in half a minute to see how it ended. Nothing is spent by that.' }],
};

const expired: PageText = {
  tone: 'bad',
  title: 'This link has expired',
  paragraphs: ['A link is good for 15 minutes, and this one was not finished in time.', nothingSpent],
  steps: [{ who: 'you', text: 'Ask for a new link where you got this one, and finish it within 15 minutes.' }],
  code: 'expired',
};

const notInConfiguration: PageText = {
  tone: 'bad',
  title: 'This link cannot be used, and it is our fault',
  paragraphs: ['The app that the link is for is not in our configuration any more.', nothingSpent],
  steps: [
    { who: 'operator', text: 'Put the app back into the configuration, or send a link for another one.' },
    { who: 'you', text: 'In Salesforce you need change nothing. Tell us the code below, and we send you a new link.' },
  ],
  code: 'app_misconfigured',
};

const unknownLink: PageText = {
  tone: 'bad',
  title: 'This link is not known here',
  paragraphs: ['It may be old, or a part of it was cut off on its way.', nothingSpent],
  steps: [{ who: 'you', text: 'Copy the whole link once more, or ask for a new one where you got this one.' }],
  code: 'unknown_link',
};

const foreignBrowser: PageText = {
  tone: 'bad',
  title: 'This is not the browser that began',
  paragraphs: [
    'The link was opened in another browser or a private window, or cookies are switched off.',
    nothingSpent,
  ],
  steps: [
    { who: 'you', text: 'Open the link again in this browser, with cookies allowed, and stay in it until the end.' },
    { who: 'you', text: 'If you did not begin this yourself, do nothing.' },
  ],
  code: 'foreign_browser',
};

const outdatedState: PageText = {
  tone: 'bad',
  title: 'The link was opened again since',
  paragraphs: ['Only the newest attempt counts, so this one was not taken.', nothingSpent],
  steps: [{ who: 'you', text: 'Open the link once more and finish it in one window.' }],
  code: 'outdated_state',
};

const malformedCallback: PageText = {
  tone: 'bad',
  title: 'Something is missing from this address',
  paragraphs: [
    'Salesforce sends you back with an address that has two parts for us. One is missing, double or changed.',
    nothingSpent,
  ],
  steps: [{ who: 'you', text: 'Open the link again from where you got it.' }],
  code: 'malformed_callback',
};

const unavailable: PageText = {
  tone: 'bad',
  title: 'This does not work at the moment, and it is our fault',
  paragraphs: ['Our storage does not answer.', 'Nothing that Salesforce has sent is lost by it.'],
  steps: [{ who: 'you', text: 'Load this page again in a minute.' }],
  code: 'store_unavailable',
};
