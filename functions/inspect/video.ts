/** What the container of a video tells; its frames are not decoded here. */
import { AppError } from '@media-analysis/shared/errors';
import type { InputTrack, MetadataTags } from 'mediabunny';
import { cameraName, clockTime, placeOf } from './capture.ts';
import type { MediaFacts } from './facts.ts';
import { type FileFormat, quoted } from './format.ts';

/**
 * @throws AppError `media_corrupt` also when the container promises frames that the file does not
 * have; `unsupported_media_type` when there is nothing to see in it.
 */
export async function inspectVideo(
  bytes: Buffer,
  { format }: FileFormat,
  fileName: string,
  withLocation: boolean,
): Promise<MediaFacts> {
  const { BufferSource, EncodedPacketSink, Input, MP4, QTFF, WEBM } = await import('mediabunny');
  using input = new Input({ source: new BufferSource(bytes), formats: [MP4, QTFF, WEBM] });
  try {
    const tracks = await input.getTracks();
    // The index of an MP4 may come last: cut off, it lists nothing.
    if (tracks.length === 0) throw corrupt(fileName);
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw noPicture(fileName);
    for (const each of tracks) {
      const end = await each.computeDuration();
      const last = await new EncodedPacketSink(each).getPacket(end);
      if (!last || (await endsEarly(each, end))) throw corrupt(fileName);
    }
    const duration = await track.computeDuration();
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
    throw error instanceof AppError ? error : corrupt(fileName, error);
  }
}

/**
 * Matroska finds its last frame by reading on, so one that was cut off looks merely short; but its
 * header still knows how long it was. A second covers tracks that end apart.
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
