/** Each port that `npm start` opens, asked by a page of another site. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
let ports: number[];
beforeAll(async () => {
  stack = await startStack();
  const units = Object.values(stack.units);
  await Promise.all(units.map((unit) => unit.listening()));
  const said = [stack.url, stack.workerUrl, ...Object.values(stack.environment)].flatMap((text) =>
    Number(/(?:localhost|127\.0\.0\.1):(\d+)/.exec(text)?.[1] ?? []),
  );
  const found = [process.pid, ...units.flatMap(({ pids }) => pids)].flatMap(listeningPorts);
  ports = [...new Set([...said, ...found])];
});
afterAll(() => stack.close());

/** Where a process listens. Elsewhere than on Linux: nothing is known of that. */
function listeningPorts(pid: number): number[] {
  if (process.platform !== 'linux') return [];
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  const sockets = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const LISTEN = '0A';
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, ...rest]) => state === LISTEN && sockets.has(rest[5] ?? ''))
      .map(([, address = '']) => Number.parseInt(address.split(':')[1] ?? '', 16)),
  );
}

/** @returns nothing for a file that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
}

/** @returns undefined if the port speaks no HTTP/1.1. `fetch` does not let its caller name the host. */
function ask(
  port: number,
  [method, path, body]: readonly [string, string, string?],
  headers: Record<string, string>,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    call.on('error', () => resolve(undefined));
    call.end(body);
  });
}

/** What each service would do for a caller whom it trusts. */
function requests() {
  const { GOOGLE_CLOUD_PROJECT: project, STAGING_BUCKET: bucket } = stack.environment;
  return [
    ['POST', '/local/token', '{"sub":"alice"}'],
    ['GET', '/api/media'],
    ['GET', `/storage/v1/b/${bucket}/o`],
    ['POST', `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=planted`, 'hello'],
    ['DELETE', `/emulator/v1/projects/${project}/databases/(default)/documents`],
  ] as const;
}

const isGiven = (answer: Answer | undefined) => answer !== undefined && answer.status < 300;

test('a program of this machine is served, each request by one port at least', async () => {
  for (const each of requests()) {
    const answers = await Promise.all(
      ports.map((port) => ask(port, each, { Host: `127.0.0.1:${port}` })),
    );
    expect(answers.filter(isGiven).length).toBeGreaterThan(0);
  }
});

describe('a page of another site', () => {
  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80'])(
    'that was given the name %s for this machine gets nothing from any port',
    async (Host) => {
      expect(ports.length).toBeGreaterThanOrEqual(8);
      for (const port of ports) {
        for (const each of requests()) {
          const answer = await ask(port, each, { Host });
          expect({ port, each, given: isGiven(answer) }).toEqual({ port, each, given: false });
        }
      }
    },
  );

  test('changes nothing by a request that browsers send unasked, and reads nothing', async () => {
    for (const port of ports) {
      for (const each of requests()) {
        // A browser asks before it sends a DELETE, and reads only an answer that allows the page.
        if (each[0] === 'DELETE') continue;
        const headers = {
          Host: `127.0.0.1:${port}`,
          Origin: 'https://evil.example',
          'Content-Type': 'text/plain',
        };
        const answer = await ask(port, each, headers);
        const isRead = each[0] === 'GET' && !answer?.headers['access-control-allow-origin'];
        const given = isGiven(answer) && !isRead;
        expect({ port, each, given }).toEqual({ port, each, given: false });
      }
    }
  });
});
