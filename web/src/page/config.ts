/** The settings of one deployment of the page: `/config.json`, which lies beside the page. */
import { type PageConfig, pageConfigSchema } from '@media-analysis/shared/page-config';
import * as z from 'zod/mini';
import { errorOfAnswer, networkError } from '../client/errors.ts';
import { MediaClientError } from '../client/index.ts';

// The page's content security policy forbids the functions that zod would otherwise make from strings.
z.config({ jitless: true });

/**
 * Reads the settings of the page.
 * @throws {MediaClientError} `unavailable` if no answer came; `internal` if the answer has another shape
 */
export async function loadConfig(
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<PageConfig> {
  const response = await fetch('/config.json', { cache: 'no-cache' }).catch((cause: unknown) => {
    throw networkError(cause);
  });
  const body = await response.text().catch((cause: unknown) => {
    throw networkError(cause);
  });
  if (!response.ok) throw errorOfAnswer(response.status, null, body);
  try {
    return pageConfigSchema.parse(JSON.parse(body));
  } catch (cause) {
    throw new MediaClientError(
      'internal',
      'The settings of this page (/config.json) cannot be read. Tell the person who runs it.',
      { status: response.status, cause },
    );
  }
}
