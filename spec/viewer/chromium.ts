import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Why there is no browser to look with; it must be there where every check has to run. */
export function lackOfChromium(): string | undefined {
  if (PLACES.some((place) => existsSync(place))) return undefined;
  const lack = 'Chromium is not installed';
  if (process.env.CI !== undefined) throw new Error(lack);
  return lack;
}

/** A browser that knows nothing yet, and what the pages in it did that they should not. */
export interface Browser {
  readonly context: BrowserContext;
  /** What was asked for from anybody else, errors, and what the policy has refused. */
  readonly faults: string[];
  open(url: string, page?: Page): Promise<Page>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'sluice-chromium-'));
  const executablePath = PLACES.find((place) => existsSync(place)) ?? '';
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1360, height: 900 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const faults: string[] = [];
  return {
    context,
    faults,
    async open(url) {
      const page = await context.newPage();
      const { origin } = new URL(url);
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== origin) faults.push(`asked for ${request.url()}`);
      });
      page.on('pageerror', (error) => faults.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
      page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`));
      await page.goto(url);
      return page;
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
