/** The Chromium that the pages are shown in: the system's, or the one that CHROMIUM names. Nothing is downloaded. */
import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const chromiumPath: string = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** What is wrong with it, and what to do; `undefined`: it is there. */
export function chromiumProblem(path: string = chromiumPath): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return [
      `There is no Chromium at ${path}, in which the pages are tested.`,
      'Install it (on Debian: `apt-get install chromium`), or name one: `CHROMIUM=/path/to/chromium npm run test:browser`.',
    ].join('\n');
  }
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    // It opens nothing but our own pages, and in a container it has no user namespaces to make a sandbox of.
    args: ['--no-sandbox', '--disable-background-networking'],
    timeout: 30_000,
  });
}
