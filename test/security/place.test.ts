/** A photo that knows where it was taken: nothing of that leaves for the model, or comes back unasked. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { inspectMedia } from '../../functions/inspect/index.ts';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { largeVideo } from '../support/large-video.ts';
import { client, eventually, file, photo, type Stack, startStack } from '../support/stack.ts';

let gemini: RunningGemini;
let stack: Stack;
let original: Buffer;

const GPS = {
  GPSLatitudeRef: 'N',
  GPSLatitude: '35/1 39/1 3117/100',
  GPSLongitudeRef: 'E',
  GPSLongitude: '139/1 44/1 4393/100',
};

beforeAll(async () => {
  gemini = await startGemini();
  stack = await startStack({
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
    },
  });
  original = await sharp(fileURLToPath(photo('02-cat.png')))
    .withExif({ IFD0: { Make: 'Cameramaker', Model: 'Secretcam 9' }, IFD3: GPS })
    .jpeg({ quality: 95 })
    .toBuffer();
});
afterAll(async () => {
  await stack.close();
  await gemini.close();
});
beforeEach(() => gemini.reset());

/** Everything that left, as it was sent and with what was packed into it unpacked. */
function sent(): Buffer[] {
  const files = gemini.files.all.map(({ bytes }) => bytes);
  const calls = gemini.requests.flatMap(({ text, body, url }) => [
    Buffer.from(url),
    Buffer.from(text),
    ...body.contents.flatMap(({ parts }) =>
      parts.map(({ inlineData }) => Buffer.from(inlineData?.data ?? '', 'base64')),
    ),
  ]);
  return [...calls, ...files, ...gemini.files.texts.map((text) => Buffer.from(text))];
}

/** Every run of `length` bytes in `bytes`, as it is and as base64 can hold it. */
function* runsOf(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at + length <= bytes.length; at += length) {
    const run = bytes.subarray(at, at + length);
    yield run;
    for (const shift of [0, 1, 2]) {
      // What stands in the middle does not depend on its neighbours.
      yield Buffer.from(
        Buffer.concat([Buffer.alloc(shift), run])
          .toString('base64')
          .slice(4, -4),
      );
    }
  }
}

const isSent = (bytes: Buffer, all = sent()) => all.some((body) => body.includes(bytes));

/** A segment of a JPEG: its marker, and two bytes of length. */
function segmentOf(jpeg: Buffer, marker: number): Buffer {
  const at = jpeg.indexOf(Buffer.from([0xff, marker]));
  return jpeg.subarray(at + 4, at + 2 + jpeg.readUInt16BE(at + 2));
}

const APP1 = 0xe1;
const START_OF_SCAN = 0xda;

test('not one run of its EXIF block, its place or its own bytes reaches the model', async () => {
  const exif = segmentOf(original, APP1);
  expect(exif.subarray(0, 4).toString()).toBe('Exif');
  const { facts } = await inspectMedia(original, 'cat.jpg', { captureLocation: true });
  expect(facts.capture.place).toEqual({ latitude: 35.658658, longitude: 139.745536 });

  const user = client(stack);
  const cat = new File([new Uint8Array(original)], 'Mum at home.jpg', { type: 'image/jpeg' });
  const { media_ids } = await user.analyze([cat]);
  const [media] = await user.results(media_ids);
  expect(media).toMatchObject({ status: 'completed', usage: { attempts: 1 } });

  expect(gemini.requests).toHaveLength(1);
  const all = sent();
  const picture = all.find((body) => body.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex')));
  expect(picture?.length).toBeGreaterThan(1_000);
  const scan = original.subarray(original.indexOf(Buffer.from([0xff, START_OF_SCAN])));
  // Padding is in every file.
  const runs = [...runsOf(exif, 12), ...runsOf(scan, 24)].filter((run) => new Set(run).size > 3);
  expect(runs.filter((run) => isSent(run, all))).toEqual([]);
  for (const words of ['Exif', 'GPS', 'Cameramaker', 'Secretcam', 'Mum at', '35.65', '139.74']) {
    expect(isSent(Buffer.from(words))).toBe(false);
  }
  // Nor does it come back: the place is told to nobody who did not ask for it.
  expect(JSON.stringify(media)).not.toMatch(/35\.65|139\.74|"place"/);
  expect(media?.analytics?.capture).toEqual({ taken_at: null, camera: 'Cameramaker Secretcam 9' });
  // Its name neither: who searches for the place finds nothing.
  for (const query of ['q=Tokyo', 'q=日本', 'place=Tokyo']) {
    expect(await (await user.call(`/api/media?${query}`)).json()).toEqual({ media: [], total: 0 });
  }
});

test('a video leaves with what is to be seen and heard, and without the place in its tags', async () => {
  const bytes = await readFile(new URL('../videos/portrait.mov', import.meta.url));
  expect(bytes.toString('latin1')).toContain('35.6586');
  const video = new File([new Uint8Array(bytes)], 'v.mov', { type: 'video/quicktime' });
  const user = client(stack);
  const { media_ids } = await user.analyze([video]);
  const [media] = await user.results(media_ids);
  expect(media).toMatchObject({ status: 'completed', analytics: { duration_s: 2 } });
  const [part] = gemini.requests[0]?.body.contents[0]?.parts ?? [];
  expect(part?.inlineData?.mimeType).toBe('video/quicktime');
  for (const words of ['35.6586', '139.7454', 'iPhone', '2024-05-06', 'location']) {
    expect(isSent(Buffer.from(words))).toBe(false);
  }
});

test('a video too large for a request is sent ahead, without the place as well, and nothing of it stays', async () => {
  const file = await largeVideo(25 * 1024 * 1024, 'Mum at home.mov');
  const user = client(stack);
  const { media_ids } = await user.analyze([file]);
  const [id = ''] = media_ids;
  expect(await user.results([id])).toMatchObject([{ status: 'completed' }]);

  const [sentAhead] = gemini.files.all;
  expect(sentAhead).toMatchObject({ mimeType: 'video/quicktime', isDeleted: true });
  expect(sentAhead?.bytes.length).toBeGreaterThan(1_000);
  const [part] = gemini.requests[0]?.body.contents[0]?.parts ?? [];
  expect(part?.fileData).toEqual({ mimeType: 'video/quicktime', fileUri: sentAhead?.uri });
  for (const words of ['35.6586', '139.7454', 'iPhone', '2024-05-06', 'location', 'Mum at', id]) {
    expect(isSent(Buffer.from(words))).toBe(false);
  }
  // The original is whole, and the copy was for the model alone.
  const original = await fetch(
    (await user.call(`/api/media/${id}/content`)).headers.get('location') ?? '',
  );
  expect(Buffer.from(await original.arrayBuffer()).toString('latin1')).toContain('35.6586');
  await eventually(async () => ((await stored()).includes(`${id}/bare`) ? undefined : true));
});

/** Names in the media bucket. */
async function stored(): Promise<string[]> {
  const { STORAGE_EMULATOR_HOST: storage, MEDIA_BUCKET: bucket } = stack.environment;
  const response = await fetch(`${storage}/storage/v1/b/${bucket}/o`);
  const { items = [] } = (await response.json()) as { items?: { name: string }[] };
  return items.map(({ name }) => name);
}

test.each(['22-located.tiff', '21-cat-iphone.heic'])(
  '%s leaves as a JPEG without metadata',
  async (name) => {
    const user = client(stack);
    const { media_ids } = await user.analyze([await file(name)]);
    expect(await user.results(media_ids)).toMatchObject([{ status: 'completed' }]);
    const [part] = gemini.requests[0]?.body.contents[0]?.parts ?? [];
    expect(part?.inlineData?.mimeType).toBe('image/jpeg');
    const bytes = Buffer.from(part?.inlineData?.data ?? '', 'base64');
    const { exif, xmp, iptc, icc } = await sharp(bytes).metadata();
    expect([exif, xmp, iptc, icc]).toEqual([undefined, undefined, undefined, undefined]);
    expect(isSent(Buffer.from('Apple'))).toBe(false);
  },
);
