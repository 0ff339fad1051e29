/** Makes a copy of a video for a model: picture and sound, without data about where, when and by whom it was made. */
import type { FileFormat } from '@media-analysis/shared/detected-formats';
import { AppError } from '@media-analysis/shared/errors';
import type {
  EncodedVideoPacketSource,
  Output,
  OutputFormat,
  StreamTargetChunk,
  Target,
} from 'mediabunny';
import type { Content } from './content.ts';
import { quoted } from './format.ts';
import { withoutSei } from './sei.ts';
import { openSource } from './video.ts';

export interface VideoFile {
  content: Content;
  contentType: string;
  fileName: string;
}

const NEVER = new AbortController().signal;

/**
 * Copies frames and sound into a new container, without tags and data tracks, because phones write the place into both.
 * Nothing is decoded, so this is as fast as a copy.
 *
 * @throws {AppError} `unsupported_media_type` for a coding whose frames cannot be told apart;
 * `media_corrupt`; any error of reading `content`
 */
export async function bareVideo(video: VideoFile): Promise<Buffer> {
  const { BufferTarget } = await import('mediabunny');
  const target = new BufferTarget();
  await copyBare(video, target, await containerOf(video.contentType), NEVER);
  return Buffer.from(target.buffer ?? new ArrayBuffer(0));
}

const PIECE_BYTES = 1024 * 1024;

/**
 * Like `bareVideo`, but writes the copy in pieces and in order, so that a video of any size takes the same memory.
 *
 * @param write Called for the next piece when its last promise has resolved.
 * @throws the errors of `bareVideo` and of `write`; the signal's reason
 */
export async function writeBareVideo(
  video: VideoFile,
  write: (bytes: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { StreamTarget } = await import('mediabunny');
  const failed = new AbortController();
  let end = 0;
  const sink = new WritableStream<StreamTargetChunk>({
    write: async ({ data, position }) => {
      try {
        if (position !== end) throw new Error(`a piece for ${position} came at ${end}`);
        end += data.length;
        await write(data);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    },
  });
  const target = new StreamTarget(sink, { chunked: true, chunkSize: PIECE_BYTES });
  const container = await containerOf(video.contentType, { inOrder: true });
  await copyBare(video, target, container, AbortSignal.any([signal, failed.signal]));
}

async function copyBare(
  { content, fileName }: VideoFile,
  target: Target,
  format: OutputFormat,
  signal: AbortSignal,
): Promise<void> {
  const { Conversion, Input, MP4, Output: MediaOutput, QTFF, WEBM } = await import('mediabunny');
  const { source, readError } = await openSource(content);
  try {
    signal.throwIfAborted();
    using input = new Input({ source, formats: [MP4, QTFF, WEBM] });
    const output = withoutText(new MediaOutput({ format, target }));
    const copy = await Conversion.init({ input, output, tags: {}, showWarnings: false });
    if (!copy.isValid || !copy.utilizedTracks.some((track) => track.isVideoTrack())) {
      throw unsupported(fileName);
    }
    const cancel = () => void copy.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    await copy.execute().finally(() => signal.removeEventListener('abort', cancel));
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    if (readError.cause !== undefined) throw readError.cause;
    throw error instanceof AppError ? error : corrupt(fileName, error);
  }
}

/**
 * `Conversion` leaves tags out, but text is also in the names of tracks, and a camera may write time and place between the
 * frames.
 */
function withoutText<T extends Output>(output: T): T {
  const addVideoTrack = output.addVideoTrack.bind(output);
  const addAudioTrack = output.addAudioTrack.bind(output);
  output.addVideoTrack = (source, { name: _, ...metadata } = {}) =>
    addVideoTrack(
      'add' in source ? withoutMessages(source as EncodedVideoPacketSource) : source,
      metadata,
    );
  output.addAudioTrack = (source, { name: _, ...metadata } = {}) => addAudioTrack(source, metadata);
  return output;
}

function withoutMessages(source: EncodedVideoPacketSource): EncodedVideoPacketSource {
  const add = source.add.bind(source);
  let config: VideoDecoderConfig | undefined;
  source.add = (packet, meta) => {
    config = meta?.decoderConfig ?? config;
    const data = config ? withoutSei(packet.data, config) : packet.data;
    return add(packet.clone({ data }), meta);
  };
  return source;
}

/** @param options.inOrder Writes from start to end, in fragments, and never goes back. */
async function containerOf(contentType: string, { inOrder = false } = {}): Promise<OutputFormat> {
  const { MovOutputFormat, Mp4OutputFormat, WebMOutputFormat } = await import('mediabunny');
  const fastStart = inOrder ? ('fragmented' as const) : ('in-memory' as const);
  switch (contentType as FileFormat['contentType']) {
    case 'video/webm':
      return new WebMOutputFormat({ appendOnly: inOrder });
    case 'video/quicktime':
      return new MovOutputFormat({ fastStart });
    default:
      return new Mp4OutputFormat({ fastStart });
  }
}

function unsupported(fileName: string): AppError {
  return new AppError(
    'unsupported_media_type',
    `${quoted(fileName)} is stored, but its coding is not one that can be analysed. Send it as H.264, H.265, VP8, VP9 or AV1.`,
  );
}

function corrupt(fileName: string, cause: unknown): AppError {
  return new AppError(
    'media_corrupt',
    `${quoted(fileName)} is stored, but damaged and cannot be analysed. Send the original file again.`,
    { cause },
  );
}
