/** The pages of the connect flow: how a session stands, and the dead ends that never redirect. */
import { KeysUnavailableError, StoreUnavailableError } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import type { Session } from '../core/session.ts';
import { sessionErrorOf, sessionStatus } from '../core/session-step.ts';
import { page } from './page.ts';

const reloadAfterSeconds = 3;

export function outcomePage(session: Session, now: number): HttpResponse {
  const error = sessionErrorOf(session, now);
  switch (sessionStatus(session, now)) {
    case 'connected':
    case 'signed_in':
    case 'authorized':
      return page(200, {
        tone: 'good',
        title: 'Salesforce is connected',
        paragraphs: ['The access that you allowed is stored. You can close this window.'],
      });
    case 'exchanging':
      return page(200, {
        tone: 'neutral',
        title: 'Almost done',
        paragraphs: ['Salesforce has sent you back, and the access is being stored. This page asks again by itself.'],
        reloadAfterSeconds,
      });
    case 'failed':
      return page(error?.code === 'app_misconfigured' ? 503 : 400, {
        tone: 'bad',
        title: 'Salesforce was not connected',
        paragraphs: [error?.detail ?? '', error?.remedy ?? '', `Code: ${error?.code ?? 'unknown'}`],
      });
    case 'expired':
      return page(410, {
        tone: 'bad',
        title: 'This link has expired',
        paragraphs: ['A link is good for 15 minutes. Ask for a new one where you got this one; nothing was spent.'],
      });
    case 'pending':
      return page(503, {
        tone: 'bad',
        title: 'This link cannot be used now',
        paragraphs: ['The app that it is for is not in the configuration. Ask the operator of this service.'],
      });
  }
}

export function unknownLinkPage(): HttpResponse {
  return page(404, {
    tone: 'bad',
    title: 'This link is not known here',
    paragraphs: ['It may be old, or cut off on its way. Ask for a new one where you got this one; nothing was spent.'],
  });
}

export function foreignBrowserPage(): HttpResponse {
  return page(403, {
    tone: 'bad',
    title: 'This is not the browser that began',
    paragraphs: [
      'The link was opened in another browser or a private window, or cookies are switched off. Nothing was connected, and nothing was spent.',
      'Open the link again in this browser, and stay in it until the end.',
    ],
  });
}

export function outdatedStatePage(): HttpResponse {
  return page(409, {
    tone: 'bad',
    title: 'The link was opened again since',
    paragraphs: [
      'Only the newest attempt counts, so this one was not taken. Nothing was spent.',
      'Open the link once more and finish it in one window.',
    ],
  });
}

export function malformedCallbackPage(): HttpResponse {
  return page(400, {
    tone: 'bad',
    title: 'Something is missing from this address',
    paragraphs: [
      'Salesforce sends a state and a code, each once. What came here is incomplete or was changed on its way; nothing was spent.',
      'Open the link again from where you got it.',
    ],
  });
}

/** A browser is told in words; the API's callers get a problem. Nothing has been sent to Salesforce, or it is kept. */
export async function pageWhileUnavailable(answer: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError || error instanceof KeysUnavailableError)) throw error;
    return page(503, {
      tone: 'bad',
      title: 'This does not work at the moment',
      paragraphs: [
        'Our store does not answer. What Salesforce has sent is not lost: load this page again in a minute.',
      ],
    });
  }
}
