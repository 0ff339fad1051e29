import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { load } from '../../process/settings.ts';
import { signedUrlsShape } from '../../storage/settings.ts';
import { moderationShape, signedUrlTtlS } from './settings.ts';

const schema = z.object({ ...moderationShape, ...signedUrlsShape });

test('under moderation a signed address works for two minutes at most', () => {
  const ttl = (MODERATION: string, SIGNED_URL_TTL_S: string) =>
    signedUrlTtlS(load(schema, { MODERATION, SIGNED_URL_TTL_S }));
  expect([ttl('', ''), ttl('hold', ''), ttl('hold', '60')]).toEqual([900, 120, 60]);
  expect(() => ttl('delete', '')).toThrow(/MODERATION/);
});
