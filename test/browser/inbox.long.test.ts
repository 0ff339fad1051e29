/** The inbox of webhooks of `npm start`, as a person uses it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Stack, startStack } from '../support/stack.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

let stack: Stack;
let browser: TestBrowser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

test.each([
  [
    'en-US',
    'Receive webhooks here',
    'Webhooks are sent here.',
    'signature wrong',
    'Stop receiving',
  ],
  ['ja-JP', 'ここで受け取る', 'ここに Webhook が届きます。', '署名が違います', '受け取りをやめる'],
])(
  'in %s, one press receives, and each message is judged',
  async (locale, receive, state, wrong, stop) => {
    const context = await browser.browser.newContext({ locale });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (said) => said.type() === 'error' && problems.push(said.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${stack.url}/local/inbox`);
    await page.getByRole('button', { name: receive }).click();
    await page.getByRole('status').filter({ hasText: state }).waitFor();
    const timestamp = new Date().toISOString();
    const data = { owner_id: '<b>local</b>', batch_id: 'b', total: 1, failed: 0 };
    await fetch(`${stack.url}/local/inbox/messages`, {
      method: 'POST',
      headers: { 'webhook-id': `evt_${locale}` },
      body: JSON.stringify({ type: 'batch.completed', timestamp, data }),
    });
    const row = page.getByRole('listitem').filter({ hasText: `evt_${locale}` });
    await row.getByText(wrong).waitFor();
    // What a message says is only ever text.
    expect(await row.locator('pre').textContent()).toContain('<b>local</b>');
    await page.getByRole('button', { name: stop }).click();
    await page.getByRole('button', { name: receive }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  },
);
