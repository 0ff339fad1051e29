/** Cuts frames from a video in the browser: by WebCodecs, or else by a player that nobody sees. Loaded with the first video. */
import { MAX_FRAME_BYTES, MAX_FRAME_SIDE, MAX_FRAMES } from '@media-analysis/shared/frames';
import type { VideoFrames } from './frames.ts';

type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** A picture, and when it is seen. */
type Cut = [time: number, canvas: Canvas];

/** Frames that are nearer than this, in seconds, show the same. */
const NEAREST_S = 0.5;

/** How long the frames of a video are gone through one by one. The first ones are worth more than none. */
const MAX_WALK_MS = 5_000;

/** Beyond the end of each video, in seconds. */
const FAR_S = 1e9;

/** From the best to one that is small for sure. */
const QUALITIES = [0.8, 0.5, 0.3];

/** @returns null if the browser cannot decode the video */
export async function cutFrames(file: File, signal: AbortSignal): Promise<VideoFrames | null> {
  const ways = [...('VideoDecoder' in globalThis ? [byDecoder] : []), byPlayer];
  for (const way of ways) {
    // What one of them does not read, the other one may.
    const frames = await collect(way(file, signal), signal).catch(() => null);
    signal.throwIfAborted();
    if (frames) return frames;
  }
  return null;
}

async function collect(cuts: AsyncIterable<Cut>, signal: AbortSignal): Promise<VideoFrames | null> {
  const times: number[] = [];
  const pictures: Blob[] = [];
  for await (const [time, canvas] of cuts) {
    signal.throwIfAborted();
    const picture = await toJpeg(canvas);
    if (!picture || time <= (times.at(-1) ?? -1)) continue;
    times.push(time);
    pictures.push(picture);
  }
  if (times.length === 0) return null;
  // The picture that takes the most bytes has the most to see: a black one takes next to none.
  const sizes = pictures.map(({ size }) => size);
  return { times, pictures, poster: sizes.indexOf(Math.max(...sizes)) };
}

/** In the middle of equal parts: the first and the last frame are often black. */
export function timesOf(duration: number): number[] {
  const count = Math.min(MAX_FRAMES, Math.max(1, Math.floor(duration / NEAREST_S)));
  return Array.from({ length: count }, (_, n) => ((n + 0.5) * duration) / count);
}

async function* byDecoder(file: File, signal: AbortSignal): AsyncGenerator<Cut> {
  const { BlobSource, CanvasSink, Input, MP4, QTFF, WEBM } = await import('mediabunny');
  const input = new Input({ source: new BlobSource(file), formats: [MP4, QTFF, WEBM] });
  // It reads to the end of some files to know their length.
  const stop = () => input.dispose();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const track = await input.getPrimaryVideoTrack();
    // What is transparent is put together by workers of mediabunny, which the page's policy refuses: it would wait for ever.
    if (!track || (await track.canBeTransparent()) || !(await track.canDecode())) return;
    const start = Math.max(0, await track.getFirstTimestamp());
    const duration = (await track.computeDuration()) - start;
    const size = fitted(await track.getDisplayWidth(), await track.getDisplayHeight());
    const sink = new CanvasSink(track, { ...size, fit: 'fill' });
    const times = timesOf(duration).map((time) => start + time);
    let cut = 0;
    for await (const found of sink.canvasesAtTimestamps(times)) {
      if (!found) break;
      cut++;
      yield [Math.max(0, found.timestamp), found.canvas];
    }
    if (cut === times.length) return;
    // A recording without an index: from a later part of it, mediabunny does not find the key frame in an earlier one.
    const all = new CanvasSink(track, { ...size, fit: 'fill', poolSize: 2 });
    yield* shownAt(times.slice(cut), all.canvases(start));
  } finally {
    signal.removeEventListener('abort', stop);
    input.dispose();
  }
}

/** Of all that is seen, one after the other, what is seen at these times. */
async function* shownAt(
  times: readonly number[],
  all: AsyncIterable<{ timestamp: number; canvas: Canvas }>,
): AsyncGenerator<Cut> {
  const left = [...times];
  const until = performance.now() + MAX_WALK_MS;
  let shown: Cut | undefined;
  for await (const { timestamp, canvas } of all) {
    if (shown && timestamp > (left[0] ?? 0)) yield shown;
    while (timestamp > (left[0] ?? Number.POSITIVE_INFINITY)) left.shift();
    if (left.length === 0 || performance.now() > until) return;
    shown = [timestamp, canvas];
  }
  if (shown) yield shown;
}

async function* byPlayer(file: File, signal: AbortSignal): AsyncGenerator<Cut> {
  const video = document.createElement('video');
  const url = URL.createObjectURL(file);
  const until = (event: string) => happens(video, event, signal);
  try {
    video.muted = true;
    video.playsInline = true;
    video.preload = 'auto';
    video.src = url;
    await until('loadeddata');
    if (!Number.isFinite(video.duration)) {
      // What a browser has recorded does not say how long it is. The player knows when it was at the end.
      video.currentTime = FAR_S;
      await until('seeked');
    }
    const { videoWidth, videoHeight, duration } = video;
    if (!Number.isFinite(duration) || videoWidth === 0) return;
    for (const time of timesOf(duration)) {
      video.currentTime = time;
      await until('seeked');
      const canvas = document.createElement('canvas');
      Object.assign(canvas, fitted(videoWidth, videoHeight));
      canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
      yield [time, canvas];
    }
  } finally {
    video.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}

function happens(video: HTMLVideoElement, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(signal.aborted ? signal.reason : video.error);
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener('error', fail, { once: true });
    signal.addEventListener('abort', fail, { once: true });
  });
}

function fitted(width: number, height: number) {
  const scale = Math.min(1, MAX_FRAME_SIDE / Math.max(width, height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

async function toJpeg(canvas: Canvas): Promise<Blob | null> {
  for (const quality of QUALITIES) {
    const picture = await encode(canvas, quality);
    if (picture && picture.size <= MAX_FRAME_BYTES) return picture;
  }
  return null;
}

function encode(canvas: Canvas, quality: number): Promise<Blob | null> {
  const type = 'image/jpeg';
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type, quality });
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}
