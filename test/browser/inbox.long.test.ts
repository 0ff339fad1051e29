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
    'Published to the topic',
  ],
  [
    'ja-JP',
    'ここで受け取る',
    'ここに Webhook が届きます。',
    '署名が違います',
    '受け取りをやめる',
    'トピックに公開されたもの',
  ],
])(
  'in %s, one press receives, and each message is judged',
  async (locale, receive, state, wrong, stop, topic) => {
    const context = await browser.browser.newContext({ locale });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (said) => said.type() === 'error' && problems.push(said.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${stack.url}/local/inbox`);
    await page.getByRole('button', { name: receive }).click();
    await page.getByRole('status').filter({ hasText: state }).waitFor();
    const timestamp = new Date().toISOString();
    const batch = { owner_id: '<b>local</b>', batch_id: 'b', total: 1, failed: 0 };
    await fetch(`${stack.url}/local/inbox/messages`, {
      method: 'POST',
      headers: { 'webhook-id': `evt_${locale}` },
      body: JSON.stringify({ type: 'batch.completed', timestamp, data: batch }),
    });
    const row = page.getByRole('listitem').filter({ hasText: `evt_${locale}` });
    await row.getByText(wrong).waitFor();
    // What a message says is only ever text.
    expect(await row.locator('pre').textContent()).toContain('<b>local</b>');
    const attributes = { 'ce-type': 'media.completed', 'ce-id': `evt_topic_${locale}` };
    const data = Buffer.from('{"owner_id":"<i>local</i>"}').toString('base64');
    const host = stack.environment.PUBSUB_EMULATOR_HOST;
    await fetch(`http://${host}/v1/projects/p/topics/events:publish`, {
      method: 'POST',
      body: JSON.stringify({ messages: [{ attributes, data }] }),
    });
    const published = page.getByRole('region', { name: topic }).getByRole('listitem').first();
    await published.filter({ hasText: `evt_topic_${locale}` }).waitFor();
    expect(await published.locator('pre').textContent()).toContain('<i>local</i>');
    await page.getByRole('button', { name: stop }).click();
    await page.getByRole('button', { name: receive }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  },
);
