/** Measures the memory for the copy of a large video. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  EncodedPacket,
  EncodedVideoPacketSource,
  Output,
  StreamTarget,
  WebMOutputFormat,
} from 'mediabunny';
import { writeBareVideo } from './bare-video.ts';

const NEVER = new AbortController().signal;

describe('a copy of a video of 300 MB', () => {
  const FRAMES = 300;
  const FRAME_BYTES = 1_000_000;
  let dir: string;
  let path: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bare-video-'));
    path = join(dir, 'large.webm');
    const file = await open(path, 'w');
    const sink = new WritableStream<{ data: Uint8Array; position: number }>({
      write: async ({ data, position }) => void (await file.write(data, 0, data.length, position)),
    });
    const output = new Output({ format: new WebMOutputFormat(), target: new StreamTarget(sink) });
    const source = new EncodedVideoPacketSource('vp8');
    output.addVideoTrack(source);
    await output.start();
    const config = { codec: 'vp8', codedWidth: 640, codedHeight: 480 };
    for (let n = 0; n < FRAMES; n++) {
      const frame = new EncodedPacket(
        new Uint8Array(FRAME_BYTES).fill(n % 251),
        'key',
        n / 10,
        0.1,
      );
      await source.add(frame, { decoderConfig: config });
    }
    await output.finalize();
    await file.close();
  });
  afterAll(() => rm(dir, { recursive: true }));

  test('takes the memory of a few pieces', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const held = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const file = await open(path);
    const { size } = await file.stat();
    let reads = 0;
    const read = async (start: number, end: number) => {
      reads++;
      const bytes = Buffer.allocUnsafeSlow(end - start);
      await file.read(bytes, 0, bytes.length, start);
      return bytes;
    };
    const before = held();
    let total = 0;
    let highest = 0;
    let pieces = 0;
    const write = async (piece: Uint8Array) => {
      total += piece.length;
      if (pieces++ % 20 === 0) highest = Math.max(highest, held() - before);
    };
    const video = { content: { size, read }, contentType: 'video/webm', fileName: 'large.webm' };
    await writeBareVideo(video, write, NEVER);
    await file.close();
    expect(total).toBeGreaterThan(FRAMES * FRAME_BYTES);
    // Data read ahead and data waiting to be written: about 50 MB, sometimes twice that, for a video of any size.
    expect(highest).toBeLessThan(200_000_000);
    // Each read is a request to Cloud Storage.
    expect(reads).toBeLessThan(600);
  });
});
