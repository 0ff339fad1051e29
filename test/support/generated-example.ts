/** `examples/generated`: the same program in TypeScript and in Python. */
import { fileURLToPath } from 'node:url';
import type { Stack } from './stack.ts';

export const GENERATED = fileURLToPath(new URL('../../examples/generated/', import.meta.url));

/** What each prints: what was read, then a change, then one that is refused. */
export const SAID =
  /^order-7 7 \S+\r?\n\{ ?'?order'?: '7', '?shelf'?: 'B2' ?\}\r?\n412 precondition_failed\r?\n$/m;

/** As `examples/README.md` says. */
export async function makeSettings(stack: Pick<Stack, 'url'>): Promise<Record<string, string>> {
  const made = await fetch(`${stack.url}/local/keys`, { method: 'POST', body: '{}' });
  const { key, callback_secret } = (await made.json()) as Record<string, string>;
  return { MEDIA_URL: stack.url, MEDIA_KEY: key ?? '', MEDIA_SECRET: callback_secret ?? '' };
}
