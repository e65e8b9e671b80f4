/**
 * The pictures under `docs/images/`. A run leaves them alone; they are taken again with
 * `SCREENSHOTS=1 npm run test:browser`. Nothing compares them: fonts differ from system to system.
 */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';

export interface Shot {
  readonly file: string;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Of the page's top. @default all of it */
  readonly height?: number;
}

const folder = 'docs/images';

export async function takeScreenshots(page: Page, shots: readonly Shot[]): Promise<void> {
  if (process.env.SCREENSHOTS !== '1') return;
  mkdirSync(folder, { recursive: true });
  for (const { file, width = 640, colorScheme = 'light', height } of shots) {
    // Low, for the whole page is as high as its window or its text.
    await page.setViewportSize({ width, height: 200 });
    await page.emulateMedia({ colorScheme });
    const clip = height === undefined ? {} : { clip: { x: 0, y: 0, width, height } };
    await page.screenshot({ path: `${folder}/${file}.png`, fullPage: true, ...clip });
  }
}
