/** The address to which a backend wants to be told how the media of one request end. */
import { AppError } from '@media-analysis/shared/errors';
import { callbackUrlSchema } from '@media-analysis/shared/uploads';
import type { MediaRecord } from '../../core/media/record.ts';
import { parse } from '../../http/body.ts';
import type { Loopback } from '../../outbound/allowed-address.ts';
import { checkWebhookUrl } from './routes.ts';

/**
 * @param text The field `callback_url`; undefined: nobody is told.
 * @returns what new media note of it
 * @throws {AppError} `invalid_request`; `forbidden` without a service key: what is sent is signed with a secret of the key
 */
export function readCallback(
  text: string | undefined,
  keyId: string | undefined,
  loopback: Loopback,
): Pick<MediaRecord, 'callback'> {
  if (text === undefined) return {};
  if (keyId === undefined) {
    throw new AppError('forbidden', 'callback_url: only for a backend with a service key.');
  }
  const url = parse(callbackUrlSchema, text, 'callback_url');
  return { callback: { url: checkWebhookUrl(url, 'callback_url', loopback), key_id: keyId } };
}
