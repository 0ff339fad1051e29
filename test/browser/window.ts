import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { isLong } from '../support/long-test.ts';

/** Chromium draws what moves sixty times a second, all the time that a test waits: in the long run alone. */
const reducedMotion = isLong ? 'no-preference' : 'reduce';

/** A page that hangs is not waited for. */
const DESCRIBE_MS = 5_000;
const MOST_TEXT = 2_000;

/** A browser of one user. */
export interface TestWindow {
  context: BrowserContext;
  /** Its first tab. */
  page: Page;
  openTab(): Promise<Page>;
  /** Refused by the content security policy, thrown in a handler, complained of by React: of all tabs. */
  complaints: string[];
}

/** Those of this test file. */
const windows = new Set<TestWindow>();

/** What a test that fails says of its pages (`test/support/jest/environment.js`). */
Object.assign(globalThis, { [Symbol.for('describe pages')]: describePages });

async function describePages(): Promise<string> {
  const texts = [...windows].flatMap(({ context, complaints }) => [
    ...context.pages().map(describePage),
    ...complaints.map((complaint) => `Complaint: ${complaint}`),
  ]);
  return (await Promise.all(texts)).join('\n\n');
}

async function describePage(page: Page): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what a person sees, line by line
  const reading = page.locator('body').innerText({ timeout: DESCRIBE_MS });
  const text = await reading.catch((error: unknown) => `not to be read: ${error}`);
  return `The page ${page.url()} says:\n${text.slice(0, MOST_TEXT)}`;
}

export async function openWindow(
  browser: Browser,
  options?: BrowserContextOptions,
): Promise<TestWindow> {
  const context = await browser.newContext({ reducedMotion, locale: 'en-GB', ...options });
  const { close } = context;
  context.close = async (options) => {
    // It went with its browser.
    if (!windows.has(window)) return;
    const ignored = { behavior: 'ignoreErrors' } as const;
    // An answer that a test changes may be on its way: what it meets then would fail all tests of the file.
    await Promise.all([context, ...context.pages()].map((each) => each.unrouteAll(ignored)));
    await close.call(context, options);
  };
  const complaints: string[] = [];
  const openTab = async () => {
    const tab = await context.newPage();
    tab.setDefaultTimeout(HANG_LIMIT_MS);
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('console', (message) => {
      if (!/^(error|warning)$/.test(message.type())) return;
      const { url } = message.location();
      // A picture may be asked for in the moment in which its media is deleted or brought back.
      if (/status of 404/.test(message.text()) && /\/preview(\?|$)/.test(url)) return;
      const isNameless = message.text().startsWith('Failed to load');
      complaints.push(isNameless ? `${message.text()}: ${url}` : message.text());
    });
    return tab;
  };
  const window = { context, page: await openTab(), openTab, complaints };
  windows.add(window);
  context.on('close', () => windows.delete(window));
  return window;
}
