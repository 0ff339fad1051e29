/**
 * A client of W3C WebDriver, as Firefox and WebKit speak it: https://www.w3.org/TR/webdriver2/
 * Not from a package: `selenium-webdriver` brings 17 MB of programs that download browsers, and `webdriver` four packages that do. This
 * needs a dozen requests.
 */
import { z } from 'zod';
import { HANG_LIMIT_MS } from '../../support/hang-limit.ts';

const answerSchema = z.object({ value: z.unknown() });
const failureSchema = z.object({ error: z.string(), message: z.string() });
const statusSchema = z.object({ ready: z.boolean() });
const sessionSchema = z.object({
  sessionId: z.string(),
  capabilities: z.object({ browserName: z.string(), browserVersion: z.string() }),
});

/** The name of an element on the wire: https://www.w3.org/TR/webdriver2/#dfn-web-element-identifier */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const elementSchema = z.object({ [ELEMENT]: z.string() });

/** https://www.w3.org/TR/webdriver2/#keyboard-actions */
export const KEYS = {
  tab: '\uE004',
  enter: '\uE007',
  escape: '\uE00C',
  right: '\uE014',
} as const;

async function call(
  url: string,
  method: 'GET' | 'POST' | 'DELETE',
  body?: object,
): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' };
  const init = body && { body: JSON.stringify(body), headers };
  const signal = AbortSignal.timeout(HANG_LIMIT_MS);
  const response = await fetch(url, { method, signal, ...init });
  const { value } = answerSchema.parse(await response.json());
  if (response.ok) return value;
  const { error, message } = failureSchema.parse(value);
  throw new Error(`${method} ${new URL(url).pathname}: ${error}: ${message}`);
}

/** @param driver Its address, such as `http://127.0.0.1:4444`. */
export async function isReady(driver: string): Promise<boolean> {
  // Until it listens, nothing can be asked.
  const status = await call(`${driver}/status`, 'GET').catch(() => ({ ready: false }));
  return statusSchema.parse(status).ready;
}

/** A window of a browser. */
export class Session {
  /** Name and version of the browser. */
  readonly browser: string;
  private readonly url: string;

  private constructor(url: string, browser: string) {
    this.url = url;
    this.browser = browser;
  }

  static async start(driver: string, wanted: object): Promise<Session> {
    const capabilities = { alwaysMatch: wanted };
    const value = await call(`${driver}/session`, 'POST', { capabilities });
    const { sessionId, capabilities: got } = sessionSchema.parse(value);
    return new Session(
      `${driver}/session/${sessionId}`,
      `${got.browserName} ${got.browserVersion}`,
    );
  }

  async goto(url: string): Promise<void> {
    await this.post('url', { url });
  }

  async reload(): Promise<void> {
    await this.post('refresh', {});
  }

  async resize(width: number, height: number): Promise<void> {
    await this.post('window/rect', { width, height });
  }

  /** Runs a function in the page. What it gets and answers crosses as JSON. */
  async run<Args extends readonly unknown[], Answer>(
    work: (...args: Args) => Answer,
    ...args: Args
  ): Promise<Awaited<Answer>> {
    const script = `return (${work}).apply(null, arguments)`;
    return (await this.post('execute/sync', { script, args })) as Awaited<Answer>;
  }

  /** Clicks as a person does: the element comes into view, and must not lie under another one. */
  async click(xpath: string): Promise<void> {
    await this.post(`element/${await this.find('xpath', xpath)}/click`, {});
  }

  /** Gives files to an `<input type=file>`, as the file dialog does. */
  async choose(selector: string, paths: readonly string[]): Promise<void> {
    const element = await this.find('css selector', selector);
    await this.post(`element/${element}/value`, { text: paths.join('\n') });
  }

  /** Types into what has the focus. */
  async press(...keys: string[]): Promise<void> {
    const actions = keys.flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.post('actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  /** @returns a PNG of what the window shows of the page */
  async screenshot(): Promise<Buffer> {
    return Buffer.from(z.string().parse(await call(`${this.url}/screenshot`, 'GET')), 'base64');
  }

  async close(): Promise<void> {
    await call(this.url, 'DELETE');
  }

  private post(command: string, body: object): Promise<unknown> {
    return call(`${this.url}/${command}`, 'POST', body);
  }

  private async find(using: 'xpath' | 'css selector', value: string): Promise<string> {
    return elementSchema.parse(await this.post('element', { using, value }))[ELEMENT];
  }
}
