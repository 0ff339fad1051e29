/** Reads `callback_url`: a backend names an address for one request, and is told there how its media end. */
import { AppError } from '@media-analysis/shared/errors';
import { callbackUrlSchema } from '@media-analysis/shared/uploads';
import type { MediaRecord } from '../../core/media/record.ts';
import { parse } from '../../http/body.ts';
import type { Loopback } from '../../outbound/allowed-address.ts';
import { checkWebhookUrl } from './routes.ts';

/**
 * @param text The field `callback_url`, if the request has one.
 * @returns fields of the new media
 * @throws {AppError} `invalid_request`; `forbidden` without a service key, because a secret of the key signs the messages
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
