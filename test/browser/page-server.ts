/** Serves named pages on loopback as the callback's Lambda and its gateway would: same stack, same headers. */
import { createServer } from 'node:http';
import { createGateway } from '../../dev/local/gateway.ts';
import type { Handlers } from '../../dev/local/lambda.ts';
import { listen } from '../../dev/local/listener.ts';
import type { HttpResponse } from '../../functions/core/http.ts';
import { createHttpHandler } from '../../functions/runtime/http.ts';
import { recordingLog, recordingMetrics } from '../functions/runtime/recording.ts';
import { createFlowClock } from '../support/flow-clock.ts';

export interface PageServer {
  urlOf(name: string): string;
  close(): Promise<void>;
}

export async function servePages(pages: Readonly<Record<string, HttpResponse>>): Promise<PageServer> {
  const log = recordingLog();
  const callback = createHttpHandler({
    functionName: 'callback',
    log,
    metrics: recordingMetrics(),
    handlers: {
      'GET /oauth/callback': async ({ query }) => {
        const response = pages[query.get('page') ?? ''];
        if (response === undefined) throw new Error(`There is no page ${query.get('page')}.`);
        return response;
      },
    },
  });
  const gateway = createGateway({ handlers: { callback } as unknown as Handlers, clock: createFlowClock(), log });
  const listener = await listen(createServer(gateway), { name: 'the pages', port: 0 });
  return { urlOf: (name) => `${listener.url}/oauth/callback?page=${name}`, close: () => listener.close() };
}
