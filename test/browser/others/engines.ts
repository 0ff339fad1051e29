/** Which other browsers are installed, and how each is started for a person with some wishes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../../../local/base/free-port.ts';
import { endWithUs } from '../../support/end-with-us.ts';
import { eventually } from '../../support/eventually.ts';
import { isReady, Session } from './webdriver.ts';

/** What the system and the browser are set to. */
export interface Wishes {
  language?: 'ja';
  isDark?: true;
  /** `host:port` of a proxy for all plain http, this machine's own names too. */
  proxy?: string;
}

export interface Engine {
  name: string;
  /** What is missing, and how to get it; undefined: nothing. */
  missing: string | undefined;
  open(wishes?: Wishes): Promise<OpenBrowser>;
}

export interface OpenBrowser {
  session: Session;
  close(): Promise<void>;
}

/** How `PATH` is searched by a shell. A path of its own may also be named by a setting. */
function find(names: readonly string[], named?: string): string | undefined {
  if (named) return named;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const howToGet = (...rows: [found: string | undefined, how: string][]) =>
  rows.flatMap(([found, how]) => (found === undefined ? how : [])).join(' ') || undefined;

/** What manual proxies are called: https://www.w3.org/TR/webdriver2/#dfn-proxy-configuration */
const proxyFor = ({ proxy }: Wishes) =>
  proxy === undefined ? {} : { proxy: { proxyType: 'manual', httpProxy: proxy } };

export function firefox(env = process.env): Engine {
  const driver = find(['geckodriver'], env.GECKODRIVER_PATH);
  const binary = find(['firefox', 'firefox-esr'], env.FIREFOX_PATH);
  return {
    name: 'Firefox',
    missing: howToGet(
      [binary, 'Install Firefox (Debian: firefox-esr), or set FIREFOX_PATH.'],
      [
        driver,
        'Install geckodriver (https://github.com/mozilla/geckodriver/releases, or "cargo install geckodriver"), or set GECKODRIVER_PATH.',
      ],
    ),
    open(wishes = {}) {
      const prefs = {
        'intl.accept_languages': wishes.language === 'ja' ? 'ja, en' : 'en-US, en',
        // 0 is dark, 1 is light.
        'layout.css.prefers-color-scheme.content-override': wishes.isDark ? 0 : 1,
        'network.proxy.allow_hijacking_localhost': wishes.proxy !== undefined,
      };
      return open(String(driver), {
        capabilities: {
          ...proxyFor(wishes),
          'moz:firefoxOptions': { binary, args: ['-headless'], prefs },
        },
      });
    },
  };
}

export function webkit(env = process.env): Engine {
  const driver = find(['WebKitWebDriver'], env.WEBKIT_DRIVER_PATH);
  const screen = find(['Xvfb']) ?? env.DISPLAY ?? env.WAYLAND_DISPLAY;
  return {
    name: 'WebKitGTK',
    missing: howToGet(
      [driver, 'Install WebKitWebDriver (Debian: webkit2gtk-driver), or set WEBKIT_DRIVER_PATH.'],
      [screen, 'It needs a screen: install Xvfb (Debian: xvfb).'],
    ),
    async open(wishes = {}) {
      const screens = await startScreen();
      const settings = {
        ...screens.env,
        ...(wishes.language === 'ja' && { LANGUAGE: 'ja', LANG: 'ja_JP.UTF-8' }),
        GTK_THEME: wishes.isDark ? 'Adwaita:dark' : 'Adwaita',
      };
      const opened = await open(String(driver), {
        capabilities: proxyFor(wishes),
        env: settings,
      });
      return {
        session: opened.session,
        async close() {
          await opened.close();
          await screens.close();
        },
      };
    },
  };
}

/** A screen that nobody sees, so that no window gets into the way of a person who works. */
async function startScreen(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const xvfb = find(['Xvfb']);
  if (xvfb === undefined) return { env: {}, close: async () => undefined };
  // It chooses a free number, and writes it to its output.
  const args = ['-displayfd', '1', '-screen', '0', '1280x1000x24', '-nolisten', 'tcp'];
  const child = endWithUs(spawn(xvfb, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
  const [line] = await once(child.stdout, 'data');
  return {
    env: { DISPLAY: `:${String(line).trim()}`, GDK_BACKEND: 'x11' },
    close: () => end(child),
  };
}

async function open(
  driver: string,
  { capabilities, env = {} }: { capabilities: object; env?: Record<string, string> },
): Promise<OpenBrowser> {
  const port = await freePort();
  const child = endWithUs(
    spawn(driver, [`--port=${port}`], {
      stdio: 'ignore',
      env: { ...process.env, ...env },
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  try {
    await eventually(async () => (await isReady(url)) || undefined);
    const session = await Session.start(url, capabilities);
    return {
      session,
      async close() {
        // What has crashed cannot be closed any more.
        await session.close().catch(() => undefined);
        await end(child);
      },
    };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
