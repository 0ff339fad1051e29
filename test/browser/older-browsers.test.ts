/** The page and the packages in the oldest browsers that they are made for. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { OLDEST_BROWSERS } from '../../web/browsers.ts';
import { currentPackages } from '../support/packages.ts';
import { currentPage } from '../support/page.ts';
import { tooNewInScript, tooNewInStyles } from './older-browsers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WEB = join(ROOT, 'web');

/** Names of ours, and of what asks for them first. The platform has some of the same names. */
const OURS = ['.bytes', '.drop', '.locks', '.pause', '.take'];

/** By file: what only looks as if an older browser lacked it. In the package each module is a file. */
const FINE: Record<string, readonly string[]> = {
  // React asks first whether it is there, and so does what keeps files. `use` is React's own, `isError` TanStack's.
  'index.js': [
    '.startViewTransition',
    '.use',
    '.isError',
    // Whatever the error, another tab's files are not taken over.
    'AbortSignal.timeout',
  ],
  'kept.js': ['AbortSignal.timeout'],
  'words.js': ['.use'],
  'use-acts.js': ['.isError'],
  // The error that it ends with was another one before Chrome 124. Here it does not matter which one.
  'gate.js': ['AbortSignal.timeout'],
  'sending.js': ['.dispose', '.serviceWorker'],
  // Only Chrome shares files with a page, and only one that came by https.
  'service-worker.js': ['.formData'],
  // This is React Aria, which asks for the first one. The error of the other was another one before Chrome 124.
  'more-menu.js': ['.checkVisibility', '.timeout', 'AbortSignal.timeout'],
  'isElementVisible.js': ['.checkVisibility'],
  'runAfterKeyboard.js': ['AbortSignal.timeout'],
  'useTypeSelect.js': ['.timeout'],
  // Of mediabunny's input.
  'cut-frames.js': ['.dispose'],
  // This is mediabunny. It is loaded only where there is a `VideoDecoder`, asks for the others before it uses them, and if it
  // fails, a player cuts the frames.
  'src.js': [
    ...['.Duration', '.dispose', '.disposed', '.suppressed', '.transfer', 'SuppressedError'],
    ...['AudioData', 'AudioDecoder', 'AudioDecoder.isConfigSupported', 'EncodedAudioChunk'],
    ...['EncodedVideoChunk', 'VideoDecoder', 'VideoDecoder.isConfigSupported', 'VideoFrame'],
    ...['Symbol.asyncDispose', 'Symbol.dispose', 'crypto.subtle'],
  ],
};

beforeAll(() => currentPage());

/** @returns by file, without the hash in its name, what older browsers lack */
function tooNewIn(built: string): Record<string, string[]> {
  const problems: Record<string, string[]> = {};
  for (const file of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
    const isScript = file.endsWith('.js');
    if (!isScript && !file.endsWith('.css')) continue;
    const text = readFileSync(join(built, file), 'utf8');
    const name = file.replace(/^assets\//, '').replace(/-[\w-]{8}\./, '.');
    const fine = [...OURS, ...(FINE[basename(name)] ?? [])];
    const found = isScript ? tooNewInScript(text) : tooNewInStyles(text);
    const problem = found.filter((each) => !fine.includes(each));
    if (problem.length > 0) problems[name] = problem;
  }
  return problems;
}

test('what is too new is found, and what is replaced or asked for is not', () => {
  const script = `const { promise } = Promise.withResolvers(); AbortSignal.any([]); list.toReversed().at(-1);
    new Set().union(other); crypto.randomUUID(); URL.canParse(''); const { union } = { union: 1 };`;
  expect(tooNewInScript(script)).toEqual([
    ...['.toReversed', '.union', 'AbortSignal.any', 'Promise.withResolvers', 'URL.canParse'],
    'crypto.randomUUID',
  ]);
  const css = `a:has(b) { color: red } c { color: red; color: color-mix(in oklab, red, blue); width: calc(1px) }
    d { color: light-dark(red, blue) } @supports (color: light-dark(red, red)) { e { color: light-dark(red, blue) } f { color: light-dark(red, red) } }`;
  expect(tooNewInStyles(css)).toEqual([':has', 'light-dark()']);
});

test('the built page uses nothing that an older browser lacks', () => {
  expect(tooNewIn(join(WEB, 'dist'))).toEqual({});
});

test('nor do the packages, and in dark or light its colours are there', async () => {
  const packages = await currentPackages();
  expect(tooNewIn(join(packages, 'client/dist'))).toEqual({});
  expect(tooNewIn(join(packages, 'react/dist'))).toEqual({});
  const css = readFileSync(join(packages, 'react/dist/styles.css'), 'utf8');
  const [older = '', newer = ''] = css.split('@supports');
  expect(older).toMatch(/--ma-text: #\w+;/);
  expect(newer).toMatch(/--ma-text: light-dark\(/);
});

test('the README names the browsers', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const { chrome, firefox, safari } = OLDEST_BROWSERS;
  expect(readme).toContain(`Chrome ${chrome}, Firefox ${firefox} and Safari ${safari}`);
});
