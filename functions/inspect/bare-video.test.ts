import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import { bareVideo, writeBareVideo } from './bare-video.ts';
import { inspectMedia } from './index.ts';

const CLIPS = [
  ['clip.mp4', 'video/mp4'],
  ['clip.webm', 'video/webm'],
  ['portrait.mov', 'video/quicktime'],
] as const;

const NEVER = new AbortController().signal;

const clip = (name: string) => readFile(new URL(`../../test/videos/${name}`, import.meta.url));

/** Reads and writes piece by piece. */
async function written(bytes: Buffer, contentType: string, fileName: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const read = async (start: number, end: number) => bytes.subarray(start, end);
  await writeBareVideo(
    { content: { size: bytes.length, read }, contentType, fileName },
    async (piece) => void pieces.push(piece.slice()),
    NEVER,
  );
  return Buffer.concat(pieces);
}

const TRACK_NAME = 'Home, 35.6586 N 139.7454 E';

/** The frames of a video, in a track with a name. */
async function named(
  bytes: Buffer,
  format: Mp4OutputFormat | MovOutputFormat | WebMOutputFormat,
): Promise<Buffer> {
  using input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (!track?.codec) throw new Error('no video');
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const source = new EncodedVideoPacketSource(track.codec);
  output.addVideoTrack(source, { name: TRACK_NAME });
  await output.start();
  const decoderConfig = (await track.getDecoderConfig()) ?? undefined;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    await source.add(packet, decoderConfig && { decoderConfig });
  }
  await output.finalize();
  return Buffer.from(target.buffer ?? new ArrayBuffer(0));
}

describe.each([
  [
    'in memory',
    (content: Buffer, contentType: string, fileName: string) =>
      bareVideo({ content, contentType, fileName }),
  ],
  ['in pieces', written],
])('a copy %s', (_, copy) => {
  test.each(CLIPS)('of %s has no tags, and plays the same', async (name, contentType) => {
    const bytes = await clip(name);
    const bare = await copy(bytes, contentType, name);
    const before = await inspectMedia(bytes, name, { captureLocation: true });
    const after = await inspectMedia(bare, name, { captureLocation: true });
    expect(after.contentType).toBe(contentType);
    const { capture, duration_s, ...same } = after.facts;
    expect(before.facts).toMatchObject(same);
    expect(Math.abs((before.facts.duration_s ?? 0) - (duration_s ?? 0))).toBeLessThan(0.2);
    expect(capture).toEqual({ taken_at: null, camera: null });
    expect(bare.toString('latin1')).not.toMatch(/35\.6586|iPhone|2024-05-06/);
  });

  test.each([
    ['clip.mp4', 'video/mp4', new Mp4OutputFormat()],
    ['clip.webm', 'video/webm', new WebMOutputFormat()],
    ['portrait.mov', 'video/quicktime', new MovOutputFormat()],
  ])('of %s has no name of a track', async (name, contentType, format) => {
    const video = await named(await clip(name), format);
    expect(video.toString('latin1')).toContain(TRACK_NAME);
    const bare = await copy(video, contentType, name);
    expect(bare.toString('latin1')).not.toContain(TRACK_NAME);
  });

  test.each([
    ['clip.mp4', 'video/mp4'],
    ['portrait.mov', 'video/quicktime'],
  ])('of %s has nothing that was written between its frames', async (name, contentType) => {
    const bytes = await clip(name);
    expect(bytes.toString('latin1')).toContain('x264 - core');
    const bare = await copy(bytes, contentType, name);
    expect(bare.toString('latin1')).not.toContain('x264');
  });

  test('of a file without a readable video is refused', async () => {
    await expect(copy(Buffer.from('no video'), 'video/mp4', 'v.mp4')).rejects.toMatchObject({
      code: 'media_corrupt',
    });
  });
});

describe('a copy in pieces', () => {
  const content = async () => {
    const bytes = await clip('clip.mp4');
    return {
      size: bytes.length,
      read: async (start: number, end: number) => bytes.subarray(start, end),
    };
  };
  const MP4 = { contentType: 'video/mp4', fileName: 'clip.mp4' };

  test('fails with the error of its reader, which is not the file’s fault', async () => {
    const gone = new Error('storage does not answer');
    const read = () => Promise.reject(gone);
    const video = { ...MP4, content: { size: 1_000_000, read } };
    await expect(writeBareVideo(video, async () => {}, NEVER)).rejects.toBe(gone);
  });

  test('fails with the error of its writer', async () => {
    const full = new Error('no room');
    const write = () => Promise.reject(full);
    await expect(writeBareVideo({ ...MP4, content: await content() }, write, NEVER)).rejects.toBe(
      full,
    );
  });

  test('ends with the reason of its signal', async () => {
    const reason = new Error('lease lost');
    const stop = new AbortController();
    const write = async () => stop.abort(reason);
    const video = { ...MP4, content: await content() };
    await expect(writeBareVideo(video, write, stop.signal)).rejects.toBe(reason);
  });
});
