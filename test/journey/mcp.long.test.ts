/** `media-analysis mcp`: an agent's client, the official one, uses each tool against the whole product. */
import { copyFile, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mediaSchema } from '@media-analysis/shared/media';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { client, photo, type Stack, startStack, tokenOf } from '../support/stack.ts';

const COMMAND = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let gemini: RunningGemini;
let stack: Stack;
let folder: string;
let token: string;
const agent = new Client({ name: 'test', version: '1.0.0' });
beforeAll(async () => {
  gemini = await startGemini();
  stack = await startStack({
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
    },
  });
  token = await tokenOf(stack, 'agent');
  folder = await realpath(await mkdtemp(join(tmpdir(), 'media-analysis-mcp-')));
  await writeFile(join(folder, 'notes.txt'), 'no photo');
  await writeFile(join(folder, 'passwd.jpg'), 'root:x:0:0:root:/root:/bin/bash');
  await copyFile(fileURLToPath(photo('02-cat.png')), join(folder, 'cat.png'));
  await agent.connect(transportTo('mcp', '.'));
});
afterAll(async () => {
  await agent.close();
  await stack.close();
  await gemini.close();
  await rm(folder, { recursive: true });
});

const transportTo = (...args: string[]) =>
  new StdioClientTransport({
    command: process.execPath,
    args: [COMMAND, ...args, '--url', stack.url],
    cwd: folder,
    env: { MEDIA_ANALYSIS_TOKEN: token },
  });

async function call(name: string, args: Record<string, unknown>, by = agent) {
  const { content, isError = false } = await by.callTool({ name, arguments: args });
  const [first] = content;
  return { isError, text: first?.type === 'text' ? first.text : '' };
}

const read = async (name: string, args: Record<string, unknown>) => {
  const { text, isError } = await call(name, args);
  expect({ isError, text }).toMatchObject({ isError: false });
  return JSON.parse(text);
};

test('an agent uploads, reads, searches, asks and has it analysed again', async () => {
  const { tools } = await agent.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'upload',
    'upload_status',
    'get',
    'search',
    'ask',
    'analyse_again',
  ]);
  expect(tools.filter(({ annotations }) => annotations?.readOnlyHint).length).toBe(3);
  expect(tools.filter(({ annotations }) => annotations?.destructiveHint === false).length).toBe(3);
  expect(agent.getInstructions()).toContain('never an instruction');

  const { files, skipped } = await read('upload', { paths: [join(folder, 'cat.png'), '.'] });
  expect(skipped).toEqual([
    { path: 'notes.txt', why: expect.stringContaining('no photo') },
    { path: 'passwd.jpg', why: expect.stringContaining('its bytes are no photo') },
  ]);
  expect(files).toHaveLength(1);
  const { id } = mediaSchema.parse(files[0].media);
  expect(await client(stack, token).get(id)).toMatchObject({ status: 'completed' });

  expect(await read('get', { id })).toMatchObject({ id, analytics: { title: 'harbour' } });
  expect(await read('search', { q: 'harbour' })).toMatchObject({ media: [{ id }] });

  gemini.enqueue(replies.text(JSON.stringify({ reason: 'They sit in front.', answer: 'Two.' })));
  const question = 'How many cats are there?';
  expect(await read('ask', { id, question })).toMatchObject({ input: { question } });
  expect(gemini.requests.at(-1)?.text).toContain(question);

  const { revision } = await client(stack, token).get(id);
  const again = mediaSchema.parse(await read('analyse_again', { id, language: 'ja' }));
  expect(again.revision).toBeGreaterThan(revision);
  expect(again).toMatchObject({ status: 'completed', analytics: { language: 'ja' } });
});

test('what takes long goes on after the answer, and tells how far it is', async () => {
  await copyFile(fileURLToPath(photo('08-lake.jpg')), join(folder, 'lake.jpg'));
  const answer = Promise.withResolvers<void>();
  gemini.enqueue({ until: answer.promise });
  const begun = await read('upload', { paths: ['lake.jpg'], wait_s: 0 });
  expect(begun).toMatchObject({ is_done: false, files: [{ path: 'lake.jpg', error: null }] });
  const { upload_id } = begun;
  const steps: number[] = [];
  const onprogress = ({ progress }: { progress: number }) => {
    steps.push(progress);
    answer.resolve();
  };
  const { structuredContent } = await agent.callTool(
    { name: 'upload_status', arguments: { upload_id } },
    { onprogress },
  );
  expect(structuredContent).toMatchObject({
    is_done: true,
    files: [{ media: { status: 'completed', analytics: { title: 'harbour' } } }],
  });
  // The last one may be overtaken by the answer.
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  expect(await call('upload_status', { upload_id: 'upload_9' })).toEqual({
    isError: true,
    text: expect.stringContaining('This server has no upload_9.'),
  });
});

test('an agent sees a picture, as part of an answer and as a resource, and has prompts', async () => {
  const { media } = await read('search', { limit: 1 });
  const { id } = media[0];
  const { content } = await agent.callTool({ name: 'get', arguments: { id, picture: true } });
  const jpeg = expect.stringMatching(/^\/9j\//);
  expect(content[1]).toEqual({ type: 'image', data: jpeg, mimeType: 'image/jpeg' });
  const { resources } = await agent.listResources();
  const uri = `media-analysis://media/${id}`;
  expect(resources).toContainEqual(expect.objectContaining({ uri }));
  const [state] = (await agent.readResource({ uri })).contents;
  expect(JSON.parse(state && 'text' in state ? state.text : '')).toMatchObject({ id });
  const { contents } = await agent.readResource({ uri: `${uri}/picture` });
  expect(contents).toEqual([{ uri: `${uri}/picture`, mimeType: 'image/jpeg', blob: jpeg }]);
  const { prompts } = await agent.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual(['describe_folder', 'find_photo']);
  const { messages } = await agent.getPrompt({ name: 'find_photo', arguments: { what: 'a dog' } });
  expect(messages[0]?.content).toMatchObject({ text: expect.stringContaining('a dog') });
});

const countSeen = async () => (await read('search', {})).media.length;

test('only photos and videos leave, and only from the folders that a person has named', async () => {
  const { tools } = await agent.listTools();
  expect(tools[0]?.description).toContain(`Only files in these folders may be sent: ${folder}.`);
  const before = await countSeen();
  const outside = fileURLToPath(photo('02-cat.png'));
  for (const path of ['/etc/passwd', '/dev/zero', outside, '..', `../../${outside}`]) {
    expect(await call('upload', { paths: ['cat.png', path] })).toEqual({
      isError: true,
      text: expect.stringContaining(`${path} is not in a folder`),
    });
  }
  expect(await call('upload', { paths: ['cat.png', 'passwd.jpg'] })).toEqual({
    isError: true,
    text: expect.stringContaining('passwd.jpg: its bytes are no photo'),
  });
  expect(await countSeen()).toBe(before);
});

test('where nobody has named a folder an agent can read and ask, and sends nothing', async () => {
  const other = new Client({ name: 'test', version: '1.0.0' });
  await other.connect(transportTo('mcp'));
  try {
    expect(await call('upload', { paths: ['cat.png'] }, other)).toEqual({
      isError: true,
      text: expect.stringContaining('media-analysis mcp FOLDER'),
    });
    expect(await call('search', {}, other)).toMatchObject({ isError: false });
  } finally {
    await other.close();
  }
});

test('an upload of which nothing is completed has failed', async () => {
  const png = await readFile(join(folder, 'cat.png'));
  await writeFile(join(folder, 'broken.png'), png.subarray(0, 200));
  const { isError, text } = await call('upload', { paths: ['broken.png'] });
  expect({ isError, text }).toMatchObject({ isError: true });
  expect(JSON.parse(text)).toMatchObject({ files: [{ error: { code: 'media_corrupt' } }] });
});

test('what fails is said in words that an agent can act on', async () => {
  expect(await call('get', { id: 'nothing' })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/not|no /i),
  });
  expect(await call('upload', { paths: ['fotos'] })).toEqual({
    isError: true,
    text: expect.stringContaining('fotos does not exist.'),
  });
  // Without the word that it knows, a search would answer the newest media as if they were what was sought.
  expect(await call('search', { query: 'harbour' })).toEqual({
    isError: true,
    text: expect.stringContaining('query'),
  });
});
