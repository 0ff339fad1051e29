/** Reads the facts of a video from its container. The frames are not decoded. */
import type { FileFormat } from '@media-analysis/shared/detected-formats';
import { AppError } from '@media-analysis/shared/errors';
import type { InputTrack, MetadataTags, Source } from 'mediabunny';
import { cameraName, clockTime, placeOf } from './capture.ts';
import type { Content } from './content.ts';
import type { MediaFacts } from './facts.ts';
import { quoted } from './format.ts';

/**
 * The largest piece that is read at once is the index of an MP4, which has a few megabytes for a film of two hours. A file
 * with a larger index was made to fill the memory.
 */
const MAX_READ_BYTES = 32 * 1024 * 1024;

/** In seconds. An encoder begins the sound a moment before the picture, and that is not counted. */
const MAX_HIDDEN_S = 1;

/**
 * @throws {AppError} `media_corrupt`, also if the file does not have all the frames that its container names;
 * `unsupported_media_type` if it has no picture; any error of reading `content`
 */
export async function inspectVideo(
  content: Content,
  { format }: FileFormat,
  fileName: string,
  withLocation: boolean,
): Promise<MediaFacts> {
  const { EncodedPacketSink, Input, MP4, QTFF, WEBM } = await import('mediabunny');
  const { source, readError } = await openSource(content);
  using input = new Input({ source, formats: [MP4, QTFF, WEBM] });
  try {
    const tracks = await input.getTracks();
    // The index of an MP4 may be at its end. A file that was cut off has none, and so no tracks.
    if (tracks.length === 0) throw corrupt(fileName);
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw noPicture(fileName);
    let duration = 0;
    for (const each of tracks) {
      const sink = new EncodedPacketSink(each);
      const isEmpty = !(await sink.getFirstPacket({ metadataOnly: true }));
      // A browser that records with the microphone off writes an empty track of sound.
      if (isEmpty && each !== track) continue;
      const end = await each.computeDuration();
      // A model reads the longest track, and each second is paid for. A player leaves out the part before the start that an
      // edit list hides, but the copy for a model has it.
      const hidden = -(await each.getFirstTimestamp());
      duration = Math.max(duration, hidden > MAX_HIDDEN_S ? end + hidden : end);
      const last = await sink.getPacket(end);
      if (!last || (await endsEarly(each, end))) throw corrupt(fileName);
    }
    return {
      kind: 'video',
      format,
      width: await track.getDisplayWidth(),
      height: await track.getDisplayHeight(),
      animated: true,
      duration_s: Math.round(duration * 1_000) / 1_000,
      capture: captureFromTags(await input.getMetadataTags(), withLocation),
      colors: [],
      quality: null,
    };
  } catch (error) {
    if (readError.cause !== undefined) throw readError.cause;
    throw error instanceof AppError ? error : corrupt(fileName, error);
  }
}

/** @returns the source, and an object that receives the error of a failed read, which is not the file's fault */
export async function openSource(
  content: Content,
): Promise<{ source: Source; readError: { cause?: unknown } }> {
  const { BufferSource, CustomSource } = await import('mediabunny');
  const readError: { cause?: unknown } = {};
  if (Buffer.isBuffer(content)) return { source: new BufferSource(content), readError };
  const read = (start: number, end: number) => {
    if (end - start > MAX_READ_BYTES) throw new Error(`${end - start} bytes in one piece`);
    return content.read(start, end).catch((cause: unknown) => {
      readError.cause ??= cause;
      throw cause;
    });
  };
  const source = new CustomSource({
    getSize: () => content.size,
    read,
    prefetchProfile: 'network',
    // These errors come from data that was read ahead and is not needed.
    handleUnhandledError: () => undefined,
  });
  return { source, readError };
}

/**
 * Tells whether a file was cut off. Such a Matroska file only seems shorter, because its last frame is found by reading on.
 * But its header has the original length. Tracks may end at different times, so one second is allowed.
 */
async function endsEarly(track: InputTrack, duration: number): Promise<boolean> {
  const promised = await track.getDurationFromMetadata();
  return promised !== null && duration < promised - Math.max(1, promised * 0.05);
}

/** QuickTime's own keys: https://developer.apple.com/documentation/quicktime-file-format/metadata_keys_enumerated */
function captureFromTags({ raw = {} }: MetadataTags, withLocation: boolean) {
  const apple = (key: string) => raw[`com.apple.quicktime.${key}`];
  // ISO 6709: +35.6586+139.7454+030.000/
  const position = /^([+-]\d+\.\d+)([+-]\d+\.\d+)/.exec(String(apple('location.ISO6709') ?? ''));
  return {
    taken_at: clockTime(apple('creationdate')),
    camera: cameraName(apple('make'), apple('model')),
    ...(withLocation && position && placeOf(Number(position[1]), Number(position[2]))),
  };
}

function noPicture(fileName: string): AppError {
  return new AppError(
    'unsupported_media_type',
    `${quoted(fileName)} holds sound but no video. Send a video or a photo.`,
  );
}

function corrupt(fileName: string, cause?: unknown): AppError {
  return new AppError(
    'media_corrupt',
    `${quoted(fileName)} is damaged or incomplete and cannot be played. Send the original file again.`,
    { cause },
  );
}
