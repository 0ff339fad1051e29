/** Runs all networks on one picture. */
import { findCodes } from './codes.ts';
import { BAD_PICTURE } from './errors.ts';
import { findFaces } from './faces.ts';
import { findObjects } from './objects.ts';
import { openPicture } from './picture.ts';
import type { Detections } from './protocol.ts';
import { readText } from './text.ts';

class BadPictureError extends Error {
  override readonly name = 'BadPictureError';
  readonly code = BAD_PICTURE;
}

/**
 * Finds the objects, faces, text and codes of one picture. If one network fails, only its own findings are
 * missing.
 *
 * @throws {BadPictureError} If the picture cannot be decoded.
 * @throws The first network's error if all networks fail.
 */
export async function analysePicture(
  jpeg: Uint8Array,
  language: string,
  onFailure: (network: string, error: unknown) => void,
): Promise<Detections> {
  const picture = await openPicture(jpeg).catch((cause: unknown) => {
    throw new BadPictureError('the picture cannot be opened', { cause });
  });
  const errors: unknown[] = [];
  const attempt = async <T>(network: string, find: () => Promise<T>): Promise<T | null> => {
    try {
      return await find();
    } catch (error) {
      errors.push(error);
      onFailure(network, error);
      return null;
    }
  };
  // One after the other: the networks share one thread, and together they need more memory.
  const objects = await attempt('objects', () => findObjects(picture));
  const faces = await attempt('faces', () => findFaces(picture));
  const text = await attempt('text', () => readText(picture, language));
  const codes = await attempt('codes', () => findCodes(picture));
  if (!objects && !faces && !text && !codes) throw errors[0];
  return { objects, faces, text: text?.rows ?? null, unread: text?.unread ?? null, codes };
}
