/** A video as it may leave: what is to be seen and heard, and nothing of who made it where and when. */
import { AppError } from '@media-analysis/shared/errors';
import { type FileFormat, quoted } from './format.ts';

/**
 * The same frames and sound in a container written anew, without tags and without tracks of data: a
 * phone keeps the place in both. Nothing is decoded, so it costs a copy.
 *
 * @throws AppError `unsupported_media_type` for a coding whose frames cannot be told apart;
 * `media_corrupt`
 */
export async function bareVideo(
  bytes: Buffer,
  contentType: string,
  fileName: string,
): Promise<Buffer> {
  try {
    return await copyBare(bytes, contentType, fileName);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'media_corrupt',
      `${quoted(fileName)} is stored, but damaged and cannot be analysed. Send the original file again.`,
      { cause: error },
    );
  }
}

async function copyBare(bytes: Buffer, contentType: string, fileName: string): Promise<Buffer> {
  const { BufferSource, BufferTarget, Conversion, Input, MP4, Output, QTFF, WEBM } = await import(
    'mediabunny'
  );
  using input = new Input({ source: new BufferSource(bytes), formats: [MP4, QTFF, WEBM] });
  const target = new BufferTarget();
  const output = new Output({ format: await containerOf(contentType), target });
  const copy = await Conversion.init({ input, output, tags: {}, showWarnings: false });
  if (!copy.isValid || !copy.utilizedTracks.some((track) => track.isVideoTrack())) {
    throw new AppError(
      'unsupported_media_type',
      `${quoted(fileName)} is stored, but its coding is not one that can be analysed. Send it as H.264, H.265, VP8, VP9 or AV1.`,
    );
  }
  await copy.execute();
  return Buffer.from(target.buffer ?? new ArrayBuffer(0));
}

async function containerOf(contentType: string) {
  const { MovOutputFormat, Mp4OutputFormat, WebMOutputFormat } = await import('mediabunny');
  switch (contentType as FileFormat['contentType']) {
    case 'video/webm':
      return new WebMOutputFormat();
    case 'video/quicktime':
      return new MovOutputFormat();
    default:
      return new Mp4OutputFormat();
  }
}
