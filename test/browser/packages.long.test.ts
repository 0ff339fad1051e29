/** The packages as an app installs them: compiled in strict TypeScript, and run. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type App, installApp } from '../support/app.ts';
import { type Stack, startStack } from '../support/stack.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The compiler of this project, and an older one that a tool brings along. */
const COMPILERS = ['', '@arethetypeswrong/core/node_modules/'].map((place) =>
  join(ROOT, 'node_modules', place, 'typescript/bin/tsc'),
);

let app: App;
let stack: Stack;

beforeAll(async () => {
  [stack, app] = await Promise.all([startStack(), installApp()]);
});
afterAll(async () => {
  await stack.close();
  await app.close();
});

/** The README's own code, so that it stays true. */
function codeOf(language: string): string[] {
  const readme = readFileSync(join(ROOT, 'web/README.md'), 'utf8');
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  );
}

const OPTIONS =
  '--strict --exactOptionalPropertyTypes --noEmit --skipLibCheck false --target es2022 --module nodenext --jsx react-jsx --lib es2022,dom,dom.iterable';

/** @returns what the compilers say of all files together: each run reads the types of the browser and of React anew. */
async function compile(files: Record<string, string>): Promise<string[]> {
  for (const [name, code] of Object.entries(files)) await app.write(name, code);
  const say = (compiler: string) =>
    run(process.execPath, [compiler, ...Object.keys(files), ...OPTIONS.split(' ')], {
      cwd: app.folder,
    }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
  return Promise.all(COMPILERS.map(say));
}

const SERVER = `
  import { createMediaClient } from '@media-analysis/client';
  declare const user: { id: string }, request: AsyncIterable<Uint8Array>, process: { env: Record<string, string | undefined> };\n`;

/** Hooks whose ids are not known yet, and answers that are handed on. */
const WITHOUT_CASTS = `
  import type { Media, MediaClientError, WebhookPayload } from '@media-analysis/client';
  import { AnalysisView, useAnalyses, useMediaAnalysisSSE, useMediaList, useMediaUploadSSE, useMediaUrl } from '@media-analysis/react';
  export function One({ ids, onError }: { ids?: string[]; onError: (error: MediaClientError) => void }) {
    const { media, error } = useMediaUploadSSE(ids?.[0]);
    const { url } = useMediaUrl(media?.id, 'small');
    for (const each of [error, useMediaAnalysisSSE(ids).error, useMediaList().error]) if (each) onError(each);
    const receipt = media?.analyses?.receipt?.output;
    const info = useAnalyses().analyses.find(({ name }) => name === 'receipt');
    return receipt ? <AnalysisView info={info} output={receipt} /> : <img src={url} />;
  }
  export const isOver = ({ status }: Media) => status === 'completed';
  export const idOf = ({ type, data }: WebhookPayload) => type === 'media.completed' ? data.media_id : undefined;\n`;

test('the code of its README compiles in strict TypeScript, new and older, with the types of all packages checked', async () => {
  const signIn =
    'declare const auth: { currentUser: { getIdToken(refresh: boolean): Promise<string> } | null };\n';
  const surroundings = `
    import { createMediaClient, type Media } from '@media-analysis/client';
    declare const files: File[], bar: { value: number }, signal: AbortSignal, id: string, otherId: string;
    declare function show(media: Media): void;
    const client = createMediaClient({ baseUrl: 'https://media.example.com' });\n`;
  const files = [
    ...codeOf('tsx').map((code, n) => [`app-${n}.tsx`, signIn + code]),
    ['plain.ts', surroundings + codeOf('ts')[0]],
    ['server.ts', SERVER + codeOf('ts')[1]],
    ['types.tsx', WITHOUT_CASTS],
  ];
  expect(await compile(Object.fromEntries(files))).toEqual(['', '']);
});

test('its components are drawn on a server in the language that they are given, and else in English', async () => {
  await app.write(
    'words.js',
    `import { createElement } from 'react';
    import { renderToString } from 'react-dom/server';
    import { AnalysisView, WordsProvider, wordsFor } from '@media-analysis/react';
    Object.defineProperty(globalThis, 'navigator', { value: { languages: ['ja'] } });
    const view = createElement(AnalysisView, { info: undefined, output: { is_open: true } });
    const value = wordsFor(['de', 'ja-JP', 'en']);
    console.log(renderToString(createElement(WordsProvider, { value }, view)), renderToString(view));`,
  );
  expect(await app.run('words.js')).toMatch(/>はい<.*>yes</i);
});

test('its client runs in Node: sends a photo from a path, in pieces and in a form, and watches it to the end', async () => {
  await app.write(
    'run.js',
    `import { createMediaClient } from '@media-analysis/client';
    import { fileFrom } from '@media-analysis/client/node';
    const [, , baseUrl, path] = process.argv;
    const client = createMediaClient({ baseUrl });
    // Announced, and sent in pieces.
    const largeClient = createMediaClient({ baseUrl, limits: { maxFileBytes: 1 } });
    const large = await largeClient.analyze([await fileFrom(path)]);
    console.log(...(await client.waitFor(large.media_ids)).map(({ status }) => status));
    const { media_ids } = await client.analyze([await fileFrom(path)]);
    for await (const update of client.watch(media_ids)) {
      if (update.type === 'media') console.log(update.media.status);
    }`,
  );
  const printed = await app.run('run.js', stack.url, join(ROOT, 'test/photos/02-cat.png'));
  expect(printed).toMatch(/^completed\n(\w+\n)*completed\n$/);
});
