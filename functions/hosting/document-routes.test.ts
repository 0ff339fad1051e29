import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTRACT, OPERATIONS } from '@media-analysis/shared/contract';
import { ERRORS } from '@media-analysis/shared/errors';
import type { OpenApi, Schema } from '@media-analysis/shared/openapi';
import pageHeaders from '@media-analysis/shared/page-headers.json' with { type: 'json' };
import pino from 'pino';
import { createRouter } from '../http/router.ts';
import { documentRoutes } from './document-routes.ts';
import { createDocOf, objectsIn } from './field-docs.ts';
import { serve } from './serve.ts';

let server: Server;
let base: string;
beforeAll(async () => {
  const logger = pino({ level: 'silent' });
  const routes = documentRoutes();
  server = serve(createRouter({ routes, logger, project: 'p', allowedOrigins: [] }), 0);
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test.each([
  ['/api/openapi.json', 'application/json'],
  ['/api/docs', 'text/html; charset=utf-8'],
  ['/api/docs.css', 'text/css; charset=utf-8'],
])('%s needs no token, comes compressed, and is not sent twice', async (path, type) => {
  const response = await fetch(base + path);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  expect(response.headers.get('content-encoding')).toBe('gzip');
  const text = await response.text();
  const plain = await fetch(base + path, { headers: { 'Accept-Encoding': 'identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(await plain.text()).toBe(text);
  const known = { 'If-None-Match': response.headers.get('etag') ?? '' };
  expect((await fetch(base + path, { headers: known })).status).toBe(304);
  expect((await fetch(`${base + path}?v=1`)).status).toBe(400);
});

describe('the page', () => {
  let html: string;
  let response: Response;
  beforeAll(async () => {
    response = await fetch(`${base}/api/docs`);
    html = await response.text();
  });

  test('has each route and each error code, where the type of a problem leads', () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining([...OPERATIONS, ...Object.keys(ERRORS)]));
    for (const name of OPERATIONS) expect(html).toContain(CONTRACT[name].path);
  });

  test('has no link into nothing', () => {
    const links = [...html.matchAll(/ href="([^"]*)"/g)].map(([, link = '']) => link);
    const missing = links.filter(
      (link) => link.startsWith('#') && !html.includes(` id="${link.slice(1)}"`),
    );
    expect(missing).toEqual([]);
    expect(new Set(links.filter((link) => !link.startsWith('#')))).toEqual(
      new Set(['docs.css', 'openapi.json']),
    );
  });

  test('says in words what a value is, and shows a form as one sends it', () => {
    expect(html).not.toMatch(/<td>[^<]*(string,null|binary)/);
    expect(html).toContain('string or null');
    expect(html).toContain('<td>list of file (at least 1)</td>');
    expect(html).toContain('string (1 to 255 characters)');
    expect(html).toContain('<pre>files=@cat.jpg\nlanguage=en\nanalyses=describe,receipt</pre>');
    expect(html).toContain('</a> <span class="quiet">Send files to be analysed</span></li>');
  });

  test('runs no script and loads nothing from elsewhere, and its policy allows neither', () => {
    expect(html).not.toMatch(/<script|<style| style=| src=|http-equiv|javascript:/i);
    const policy = response.headers.get('content-security-policy') ?? '';
    const deployed: Record<string, string[]> = pageHeaders['Content-Security-Policy'];
    for (const directive of policy.split('; ')) {
      const [name = '', ...sources] = directive.split(' ');
      expect([name, sources]).toEqual([name, deployed[name]]);
    }
    expect(policy).toContain("default-src 'none'");
  });
});

test('each field that is sent or answered is described', async () => {
  const { components, paths } = (await (await fetch(`${base}/api/openapi.json`)).json()) as OpenApi;
  const schemas = Object.entries(components.schemas).flatMap(([name, { properties = {} }]) =>
    Object.entries(properties as Record<string, Schema>).map(([field, { description }]) => [
      `${name}.${field}`,
      description,
    ]),
  );
  const inAddress = Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ operationId, parameters = [] }) =>
      parameters.map(({ name, description }) => [`${operationId} ${name}`, description]),
    ),
  );
  expect(schemas.length).toBeGreaterThan(100);
  expect([...schemas, ...inAddress].filter(([, description]) => description === undefined)).toEqual(
    [],
  );
});

test('what is said of a field is the comment before it, and of no other field', () => {
  const source = `
export const fileSchema = z.object({
  /** One. */
  one: z.string(),
  two: z.array(
    z.object({
      /**
       * Three:
       * a long one.
       */
      three: z.string(),
    }),
  ),
  /** Not of two. */
  four: z.string(),
});
`;
  expect(objectsIn(source)).toEqual([
    {
      fields: ['one', 'two', 'four'],
      docs: new Map([
        ['one', 'One.'],
        ['four', 'Not of two.'],
      ]),
      isQuery: false,
      isPart: false,
    },
    {
      fields: ['three'],
      docs: new Map([['three', 'Three: a long one.']]),
      isQuery: false,
      isPart: false,
    },
  ]);
});

test('what is said of a field of one object is not said of a field of another one', () => {
  const docOf = createDocOf(
    objectsIn(`
const removed = z.object({
  /** The one that was deleted. */
  id: z.string(),
});
const file = z.object({
  /** From 0. */
  index: z.number(),
  id: z.string(),
});
const list = z.object({
  /** All that there are. */
  ids: z.array(z.string()),
});
const form = fields.extend({
  /** Those that are asked for. */
  ids: z.string(),
});
const routes = {
  list: {
    query: z.object({
      /** With commas between them. */
      ids: z.string(),
    }),
  },
};
`),
  );
  expect(docOf('id', ['index', 'id'], 'object')).toBeUndefined();
  expect(docOf('ids', ['ids'], 'object')).toBe('All that there are.');
  expect(docOf('ids', ['file', 'ids'], 'object')).toBe('Those that are asked for.');
  expect(docOf('ids', ['ids'], 'address')).toBe('With commas between them.');
});
