/** `web/` as an app installs it: packed, unpacked in a folder of its own, compiled and run. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Stack, startStack } from '../support/stack.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WEB = join(ROOT, 'web');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

let app: string;
let stack: Stack;

beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), 'app-'));
  const [started] = await Promise.all([startStack(), installLibrary()]);
  stack = started;
});
afterAll(async () => {
  await stack.close();
  rmSync(app, { recursive: true, force: true });
});

/** What `npm install` would put there: the files that are published, and what its package.json asks for. */
async function installLibrary(): Promise<void> {
  await run(process.execPath, ['build-lib.ts'], { cwd: WEB });
  const manifest = JSON.parse(readFileSync(join(WEB, 'package.json'), 'utf8'));
  const installed = join(app, 'node_modules', manifest.name);
  for (const path of ['package.json', ...manifest.files]) {
    cpSync(join(WEB, path), join(installed, path), { recursive: true });
  }
  const types = ['@types/react', '@types/react-dom'];
  const needed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const name of [...needed, ...types]) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
}

/** The README's own code, so that it stays true. */
function codeOf(language: string): string {
  const readme = readFileSync(join(WEB, 'README.md'), 'utf8');
  const [, code = ''] = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme) ?? [];
  return code;
}

/** @returns what the compiler says of all files together: each of its runs reads the types of the browser and of React anew. */
async function compile(files: Record<string, string>): Promise<string> {
  for (const [name, code] of Object.entries(files)) writeFileSync(join(app, name), code);
  const options =
    '--strict --noEmit --target es2024 --module nodenext --jsx react-jsx --lib es2024,dom,dom.iterable';
  const args = [TSC, ...Object.keys(files), ...options.split(' ')];
  return run(process.execPath, args, { cwd: app }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

test('the code of its README compiles in strict TypeScript', async () => {
  const signIn =
    'declare const auth: { currentUser: { getIdToken(refresh: boolean): Promise<string> } | null };\n';
  const surroundings = `
    import { createMediaClient, type Media } from '@media-analysis/web/client';
    declare const files: File[], bar: { value: number }, signal: AbortSignal, id: string, otherId: string;
    declare function show(media: Media): void;
    const client = createMediaClient({ baseUrl: 'https://media.example.com' });\n`;
  const files = { 'app.tsx': signIn + codeOf('tsx'), 'plain.ts': surroundings + codeOf('ts') };
  expect(await compile(files)).toBe('');
});

test('its components speak the language of their readers, without being told which there are', async () => {
  const program = `
    import { createElement } from 'react';
    import { renderToString } from 'react-dom/server';
    import { AnalysisView, wordsFor } from '@media-analysis/web/components';
    Object.defineProperty(globalThis, 'navigator', { value: { languages: ['de', 'ja-JP', 'en'] } });
    const output = { is_open: true };
    console.log(renderToString(createElement(AnalysisView, { info: undefined, output })), wordsFor(['ja']).language);`;
  writeFileSync(join(app, 'words.js'), program);
  const { stdout } = await run(process.execPath, ['words.js'], { cwd: app });
  expect(stdout).toMatch(/>はい<.* ja$/m);
});

test('its client runs in Node: sends a photo and watches it to the end', async () => {
  const program = `
    import { readFileSync } from 'node:fs';
    import { createMediaClient } from '@media-analysis/web/client';
    const [, , baseUrl, path] = process.argv;
    const client = createMediaClient({ baseUrl });
    const photo = new File([readFileSync(path)], 'cat.png', { type: 'image/png' });
    const { media_ids } = await client.analyze([photo]);
    for await (const update of client.watch(media_ids)) {
      if (update.type === 'media') console.log(update.media.status);
    }`;
  writeFileSync(join(app, 'run.js'), program);
  const cat = join(ROOT, 'test/photos/02-cat.png');
  const { stdout } = await run(process.execPath, ['run.js', stack.url, cat], { cwd: app });
  expect(stdout.trim().split('\n').at(-1)).toBe('completed');
});
