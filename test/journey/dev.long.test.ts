/** `npm run dev`, in a copy of the project: a saved change is seen at once, and whatever can be attached can be. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Sandbox } from '../mutations/sandbox.ts';
import { orHang } from '../support/hang-limit.ts';
import { client, eventually, file } from '../support/stack.ts';
import { childrenOf, stop } from '../support/started.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let copy: Sandbox;
let dev: ChildProcess;
let output = '';
let url: string;

beforeAll(async () => {
  copy = new Sandbox(ROOT);
  const settings = { PORT: '0', LOCAL_DATA_DIR: join(copy.dir, '.local') };
  dev = spawn(
    process.execPath,
    [join(copy.dir, 'local/start.ts'), '--dev', '--inspect=api', '--genkit'],
    {
      cwd: copy.dir,
      env: { ...process.env, ...settings, ANALYSIS_MODEL: 'local/facts' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  for (const stream of [dev.stdout, dev.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  url = await untilSaid(/^Ready on (\S+)$/m);
});
afterAll(async () => {
  if (dev) await stop(dev, 'SIGTERM');
  copy?.remove();
});

/** Waits until it has printed that, from a position in its output on. @returns the first group */
function untilSaid(pattern: RegExp, from = 0): Promise<string> {
  return eventually(async () => {
    if (dev.exitCode !== null) throw new Error(`It ended: ${output}`);
    const found = pattern.exec(output.slice(from));
    return found ? (found[1] ?? found[0]) : undefined;
  }).catch((cause: unknown) => {
    throw new Error(`It never said ${pattern}:\n${output}`, { cause });
  });
}

/** Writes a file of the copy. @returns the position in the output from which on there is news of it */
function save(name: string, edit: (text: string) => string): number {
  const path = join(copy.dir, name);
  const from = output.length;
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
  return from;
}

function pidOf(unit: string): number | undefined {
  // The one that serves is older than the one that waits.
  const units = childrenOf(dev.pid ?? 0).filter(({ command }) => command.includes(unit));
  return units.map(({ pid }) => pid).sort((a, b) => a - b)[0];
}

test('a change to a unit is in its next answers, and the others go on', async () => {
  const { media_ids } = await client({ url }).analyze([await file('02-cat.png')]);
  const worker = pidOf('--target=worker');
  const renamed = "({ ...each, path: each.path.replace('/api/usage', '/api/spent') })";
  const from = save('functions/api/handler.ts', (text) =>
    text.replace('return [...own,', `return [...own.map((each) => ${renamed}),`),
  );
  await untilSaid(/^functions\/api\/handler\.ts: new in api after/m, from);
  expect((await fetch(`${url}/api/spent`)).status).toBe(200);
  expect((await fetch(`${url}/api/usage`)).status).toBe(404);
  expect(pidOf('--target=worker')).toBe(worker);
  // What was stored before is there.
  expect((await client({ url }).results(media_ids))[0]?.status).toBe('completed');
});

test('a change to shared/ is in the answers of all units', async () => {
  const from = save('shared/error-codes.ts', (text) => `${text}\nexport const MARK = 1;\n`);
  const units = await untilSaid(/^shared\/error-codes\.ts: new in (.*) after/m, from);
  expect(units.split(', ')).toEqual(expect.arrayContaining(['api', 'worker', 'stream']));
});

test('an error of syntax is told with its place, and the next save mends it', async () => {
  const broken = save('functions/api/handler.ts', (text) =>
    text.replace("'/api/spent'", "'/api/mended' + is at"),
  );
  await untilSaid(/^functions\/api\/handler\.ts:\d+:\d+: Expected/m, broken);
  expect((await fetch(`${url}/api/spent`)).status).toBe(200);
  const mended = save('functions/api/handler.ts', (text) => text.replace(' + is at', ''));
  await untilSaid(/^functions\/api\/handler\.ts: new in/m, mended);
  expect((await fetch(`${url}/api/mended`)).status).toBe(200);
});

test('a unit that does not start says where, and the next save starts it', async () => {
  const broken = save('functions/api/handler.ts', (text) => `${text}\nthrow new Error('stop');\n`);
  await untilSaid(/functions\/api\/handler\.ts:\d+/, broken);
  await untilSaid(/^functions\/api\/handler\.ts: .* did not start, see above/m, broken);
  const mended = save('functions/api/handler.ts', (text) => text.replace(/\nthrow new.*\n/, ''));
  await untilSaid(/^functions\/api\/handler\.ts: new in/m, mended);
  expect((await fetch(`${url}/api/mended`)).status).toBe(200);
});

test('a change to the page comes to the browser by itself, under the policy of the page', async () => {
  const page = await fetch(url);
  const html = await page.text();
  const policy = page.headers.get('content-security-policy');
  const nonce = /'nonce-([^']+)'/.exec(policy ?? '')?.[1] ?? '';
  expect(policy).not.toContain('unsafe');
  expect(html.match(/<script(?![^>]* nonce=)/g)).toBeNull();
  expect(html).toContain(nonce);
  const vite = await (await fetch(`${url}/@vite/client`)).text();
  const token = /wsToken = "([^"]+)"/.exec(vite)?.[1];
  const header = () =>
    fetch(`${url}/src/page/shell/header.tsx`).then((response) => response.text());
  expect(await header()).not.toContain('Another heading');

  const socket = new WebSocket(`${url.replace('http', 'ws')}/?token=${token}`, 'vite-hmr');
  const updates: string[] = [];
  socket.onmessage = ({ data }) => updates.push(String(data));
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  save('web/src/page/shell/header.tsx', (text) => text.replace('page-logo', 'Another heading'));
  await eventually(async () => updates.find((each) => each.includes('/src/page/shell/header.tsx')));
  socket.close();
  expect(await header()).toContain('Another heading');
});

test('the page of all components is there', async () => {
  for (const path of ['/components', '/src/page/testing/components-page.tsx'])
    expect((await fetch(url + path)).status).toBe(200);
});

test('the page is handed out with what it imports, and no other file of this machine is', async () => {
  const headers = { Origin: 'http://localhost:1234' };
  const source = await fetch(`${url}/@fs${copy.dir}/shared/contract.ts`, { headers });
  expect(source.status).toBe(200);
  expect(source.headers.get('access-control-allow-origin')).toBeNull();
  await source.text();
  for (const path of [
    `/@fs${copy.dir}/.local/lock.sqlite`,
    `/@fs${copy.dir}/package.json`,
    // A link to a workspace of which the page imports nothing.
    `/@fs${copy.dir}/node_modules/@media-analysis/local/start.ts`,
    '/@fs/etc/hosts',
    // Any site could make a browser ask for that.
    '/__open-in-editor?file=package.json',
  ]) {
    expect((await fetch(`${url}${path}`)).status).toBeGreaterThanOrEqual(400);
  }
});

test('a request that offers another protocol, as Java and curl do, is answered', async () => {
  const headers = { Connection: 'Upgrade', Upgrade: 'h2c' };
  const [response] = await orHang(once(get(`${url}/api/media`, { headers }), 'response'), 'answer');
  expect(response.resume().statusCode).toBe(200);
});

test('a debugger attaches to a unit, and stops at a line of its TypeScript', async () => {
  const port = await untilSaid(/^A debugger can attach to api on 127\.0\.0\.1:(\d+)$/m);
  const [target] = await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/json`).catch(() => undefined);
    return response && ((await response.json()) as { webSocketDebuggerUrl: string }[]);
  });
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  const messages: { id?: number; method?: string; params?: unknown; result?: unknown }[] = [];
  socket.onmessage = ({ data }) => messages.push(JSON.parse(String(data)));
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  let id = 0;
  const ask = (method: string, params: object = {}) => {
    const own = ++id;
    socket.send(JSON.stringify({ id: own, method, params }));
    return eventually(async () => messages.find((message) => message.id === own)?.result);
  };
  const source = readFileSync(join(copy.dir, 'functions/features/spend/api.ts'), 'utf8').split(
    '\n',
  );
  const lineNumber = source.findIndex((line) => line.includes('monthOf('));
  await ask('Debugger.enable');
  const set = await ask('Debugger.setBreakpointByUrl', {
    urlRegex: 'functions/features/spend/api\\.ts$',
    lineNumber,
  });
  expect(set).toMatchObject({ locations: [{ lineNumber }] });
  const answer = fetch(`${url}/api/mended`);
  const paused = await eventually(async () =>
    messages.find(({ method }) => method === 'Debugger.paused'),
  );
  expect(paused.params).toMatchObject({
    callFrames: expect.arrayContaining([expect.objectContaining({ functionName: 'getUsage' })]),
  });
  await ask('Debugger.disable');
  expect((await answer).status).toBe(200);
  socket.close();
});

test("Genkit's developer UI finds the flow and the prompt, and runs the flow on a stored photo", async () => {
  const api = await untilSaid(/^Genkit's reflection API is on (\S+);/m);
  const actions = (await (await fetch(`${api}/api/actions`)).json()) as Record<string, unknown>;
  expect(Object.keys(actions)).toEqual(
    expect.arrayContaining([
      '/flow/analyzeMedia',
      '/flow/analyzeAgain',
      '/prompt/describe',
      '/model/local/facts',
    ]),
  );
  const run = async (key: string, input: object) => {
    const response = await fetch(`${api}/api/runAction`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ key, input }),
    });
    return response.json();
  };
  expect(await run('/flow/analyzeAgain', { language: 'ja' })).toMatchObject({
    result: { analytics: { model: 'local/facts', language: 'ja' } },
  });
  const rendered = await run('/prompt/describe', { language: 'Japanese (ja)' });
  expect(JSON.stringify(rendered)).toContain('Both in Japanese (ja)');
});
