import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { isLong } from '../support/long-test.ts';

/** Chromium draws what moves sixty times a second, all the time that a test waits: in the long run alone. */
const reducedMotion = isLong ? 'no-preference' : 'reduce';

/** A browser of one user. */
export interface TestWindow {
  context: BrowserContext;
  /** Its first tab. */
  page: Page;
  openTab(): Promise<Page>;
  /** Refused by the content security policy, thrown in a handler, complained of by React: of all tabs. */
  complaints: string[];
}

export async function openWindow(
  browser: Browser,
  options?: BrowserContextOptions,
): Promise<TestWindow> {
  const context = await browser.newContext({ reducedMotion, ...options });
  const complaints: string[] = [];
  const openTab = async () => {
    const tab = await context.newPage();
    tab.setDefaultTimeout(HANG_LIMIT_MS);
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('console', (message) => {
      if (!/^(error|warning)$/.test(message.type())) return;
      const { url } = message.location();
      // A picture may be asked for in the moment in which its media is deleted or brought back.
      if (/status of 404/.test(message.text()) && /\/preview$/.test(url)) return;
      const isNameless = message.text().startsWith('Failed to load');
      complaints.push(isNameless ? `${message.text()}: ${url}` : message.text());
    });
    return tab;
  };
  return { context, page: await openTab(), openTab, complaints };
}
