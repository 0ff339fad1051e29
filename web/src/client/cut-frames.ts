/** Cuts frames from a video in the browser: by WebCodecs, or else by a hidden player. Loaded with the first video. */
import { MAX_FRAME_BYTES, MAX_FRAME_SIDE, MAX_FRAMES } from '@media-analysis/shared/frames';

type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** A picture and its time in the video. */
type Cut = [time: number, canvas: Canvas];

/** Frames nearer to each other than this, in seconds, look the same. */
const NEAREST_S = 0.5;

/** Past the end of every video, in seconds. */
const FAR_S = 1e9;

/** From the best quality to a quality that is always small enough. */
const QUALITIES = [0.8, 0.5, 0.3];

/** @returns null if the browser cannot decode the video */
export async function cutFrames(file: File, signal: AbortSignal) {
  const ways = [...('VideoDecoder' in globalThis ? [byDecoder] : []), byPlayer];
  for (const way of ways) {
    // The second way may read a video that the first cannot.
    const frames = await collect(way(file, signal), signal).catch(() => null);
    signal.throwIfAborted();
    if (frames) return frames;
  }
  return null;
}

async function collect(cuts: AsyncIterable<Cut>, signal: AbortSignal) {
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
  // The largest picture shows the most: a black one has few bytes.
  const sizes = pictures.map(({ size }) => size);
  return { times, pictures, poster: sizes.indexOf(Math.max(...sizes)) };
}

/** Takes the middle of equal parts: the first and the last frame are often black. */
export function timesOf(duration: number): number[] {
  const count = Math.min(MAX_FRAMES, Math.max(1, Math.floor(duration / NEAREST_S)));
  return Array.from({ length: count }, (_, n) => ((n + 0.5) * duration) / count);
}

async function* byDecoder(file: File, signal: AbortSignal): AsyncGenerator<Cut> {
  const { BlobSource, CanvasSink, Input, MP4, QTFF, WEBM } = await import('mediabunny');
  const input = new Input({ source: new BlobSource(file), formats: [MP4, QTFF, WEBM] });
  // Some files are read to the end to find their length.
  const stop = () => input.dispose();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const track = await input.getPrimaryVideoTrack();
    // Transparent video needs workers of mediabunny, which the page's policy refuses: the call would never return.
    if (!track || (await track.canBeTransparent()) || !(await track.canDecode())) return;
    const start = Math.max(0, await track.getFirstTimestamp());
    const duration = (await track.computeDuration()) - start;
    const size = fitted(await track.getDisplayWidth(), await track.getDisplayHeight());
    const sink = new CanvasSink(track, { ...size, fit: 'fill' });
    const times = timesOf(duration).map((time) => start + time);
    for await (const found of sink.canvasesAtTimestamps(times)) {
      // In a recording without an index, mediabunny finds no key frame before the part it reads. The player reads the whole file.
      if (!found) throw new Error('no frame');
      yield [Math.max(0, found.timestamp), found.canvas];
    }
  } finally {
    signal.removeEventListener('abort', stop);
    input.dispose();
  }
}

async function* byPlayer(file: File, signal: AbortSignal): AsyncGenerator<Cut> {
  const video = document.createElement('video');
  const url = URL.createObjectURL(file);
  const until = (event: string) =>
    new Promise<void>((resolve, reject) => {
      const fail = () => reject(signal.aborted ? signal.reason : video.error);
      video.addEventListener(event, () => resolve(), { once: true });
      video.addEventListener('error', fail, { once: true });
      signal.addEventListener('abort', fail, { once: true });
    });
  try {
    Object.assign(video, { muted: true, playsInline: true, preload: 'auto', src: url });
    await until('loadeddata');
    if (!Number.isFinite(video.duration)) {
      // A recording of a browser has no length. The player knows the length after it was at the end.
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

function fitted(width: number, height: number) {
  const scale = Math.min(1, MAX_FRAME_SIDE / Math.max(width, height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

async function toJpeg(canvas: Canvas): Promise<Blob | null> {
  const type = 'image/jpeg';
  for (const quality of QUALITIES) {
    const picture = await ('convertToBlob' in canvas
      ? canvas.convertToBlob({ type, quality })
      : new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality)));
    if (picture && picture.size <= MAX_FRAME_BYTES) return picture;
  }
  return null;
}
