/** The API's document as a page: readable in light and dark, on a phone too, and nothing of it is forbidden by its own policy. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pino from 'pino';
import { documentRoutes } from '../../functions/hosting/document-routes.ts';
import { serve } from '../../functions/hosting/serve.ts';
import { createRouter } from '../../functions/http/router.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import { accessibilityProblems } from './page.ts';

let browser: TestBrowser;
let server: Server;
let url: string;
beforeAll(async () => {
  browser = await startBrowser();
  const logger = pino({ level: 'silent' });
  const routes = documentRoutes();
  server = serve(createRouter({ routes, logger, project: 'p', allowedOrigins: [] }), 0);
  await once(server, 'listening');
  url = `http://localhost:${(server.address() as AddressInfo).port}/api/docs`;
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

test.each([
  ['light', 1_280],
  ['dark', 1_280],
  ['light', 360],
] as const)('it is readable: %s, %d pixels wide', async (colorScheme, width) => {
  const viewport = { width, height: 800 };
  const context = await browser.browser.newContext({ colorScheme, viewport });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${url}#quote_expired`);
  const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(colour).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(23, 25, 28)');
  expect(await page.locator('#quote_expired').boundingBox()).toMatchObject({
    y: expect.closeTo(16, -1),
  });
  expect(await page.getByRole('heading', { name: 'quote_expired' }).isVisible()).toBe(true);
  expect(await accessibilityProblems(page)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(width);
  expect(new Set(asked)).toEqual(new Set(['/api/docs', '/api/docs.css']));
  expect(complaints).toEqual([]);
  await context.close();
});
