import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';

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
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  const openTab = async () => {
    const tab = await context.newPage();
    tab.setDefaultTimeout(HANG_LIMIT_MS);
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('console', (message) => {
      if (/^(error|warning)$/.test(message.type())) complaints.push(message.text());
    });
    return tab;
  };
  return { context, page: await openTab(), openTab, complaints };
}
