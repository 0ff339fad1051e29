import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { MAX_PHOTO_BYTES } from '@media-analysis/shared/accepted';
import { AppError } from '@media-analysis/shared/errors';
import { PHOTO_TYPES, VIDEO_TYPES } from '@media-analysis/shared/file-types';
import {
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  MP4,
  Mp4OutputFormat,
  Output,
  WEBM,
} from 'mediabunny';
import sharp, { type Color, type Create } from 'sharp';
import { mostlyHidden } from '../../test/support/bombs.ts';
import { largeVideoPieces } from '../../test/support/large-video.ts';
import { inspectMedia, mediaFactsSchema } from './index.ts';
import { videoWithEmptySound } from './testing.ts';

const photo = (name: string) => readFile(new URL(`../../test/photos/${name}`, import.meta.url));
const video = (name: string) => readFile(new URL(`../../test/videos/${name}`, import.meta.url));

/** The clip of two seconds, with sound that ends after `seconds`. */
async function withSoundOf(seconds: number): Promise<Buffer> {
  using input = new Input({ source: new BufferSource(await video('clip.mp4')), formats: [MP4] });
  const [picture, sound] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  if (!picture?.codec || !sound?.codec) throw new Error('a track is missing');
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target });
  const frames = new EncodedVideoPacketSource(picture.codec);
  const samples = new EncodedAudioPacketSource(sound.codec);
  output.addVideoTrack(frames);
  output.addAudioTrack(samples);
  await output.start();
  const videoConfig = (await picture.getDecoderConfig()) ?? undefined;
  for await (const packet of new EncodedPacketSink(picture).packets()) {
    await frames.add(packet, videoConfig && { decoderConfig: videoConfig });
  }
  frames.close();
  const first = await new EncodedPacketSink(sound).getFirstPacket();
  const audioConfig = (await sound.getDecoderConfig()) ?? undefined;
  for (const timestamp of [0, seconds]) {
    if (first) {
      await samples.add(first.clone({ timestamp }), audioConfig && { decoderConfig: audioConfig });
    }
  }
  await output.finalize();
  return Buffer.from(target.buffer ?? new ArrayBuffer(0));
}

const EXIF = {
  IFD0: { Make: 'Apple', Model: 'iPhone 6' },
  IFD2: { DateTimeOriginal: '2019:04:14 16:02:11' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '35/1 39/1 31/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '139/1 44/1 43/1',
  },
};

const canvas = (width: number, height: number, background: Color = '#3366aa') =>
  sharp({ create: { width, height, channels: 3, background } });

const CLIPS = [
  ['clip.mp4', 'video/mp4', { format: 'mp4', width: 160, height: 90 }],
  ['portrait.mov', 'video/quicktime', { format: 'mov', width: 90, height: 160 }],
  ['clip.webm', 'video/webm', { format: 'webm', width: 160, height: 90 }],
] as const;

/** The same camera, time and place, in each format that can store them. */
const LOCATED: [string, () => Promise<Buffer>][] = [
  ...(['jpeg', 'png', 'webp', 'avif'] as const).map((format): [string, () => Promise<Buffer>] => [
    format,
    () => canvas(80, 60).withExif(EXIF).withIccProfile('p3').toFormat(format).toBuffer(),
  ]),
  ['tiff', () => photo('22-located.tiff')],
];

/** The same pictures with a brand that does not name their coding. */
async function heif(): Promise<Buffer> {
  const bytes = Buffer.from(await photo('21-cat-iphone.heic'));
  bytes.write('mif1', bytes.indexOf('ftyp') + 4, 'latin1');
  return bytes;
}

async function codeOf(bytes: Buffer, name = 'photo.jpg'): Promise<string> {
  try {
    await inspectMedia(bytes, name);
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    const { code, message } = error as AppError;
    expect(message).toContain(name);
    return code;
  }
}

describe('what a file is', () => {
  const dogs = () => photo('05-dogs.jpg').then((bytes) => sharp(bytes).resize(120));
  const kinds: [string, () => Promise<Buffer>, string, string][] = [
    ['JPEG', async () => (await dogs()).jpeg().toBuffer(), 'image/jpeg', 'jpeg'],
    ['PNG', () => photo('02-cat.png'), 'image/png', 'png'],
    ['WebP', () => photo('03-coffee.webp'), 'image/webp', 'webp'],
    ['GIF', async () => (await dogs()).gif().toBuffer(), 'image/gif', 'gif'],
    ['AVIF', async () => (await dogs()).avif().toBuffer(), 'image/avif', 'avif'],
    ['TIFF', async () => (await dogs()).tiff().toBuffer(), 'image/tiff', 'tiff'],
    ['HEIC', () => photo('21-cat-iphone.heic'), 'image/heic', 'heic'],
    ['HEIF', heif, 'image/heif', 'heif'],
  ];

  test('each type that is accepted is in a table', () => {
    const [photos, videos] = [kinds, CLIPS].map((rows) => new Set(rows.map((row) => row.at(-2))));
    expect(photos).toEqual(new Set(Object.keys(PHOTO_TYPES)));
    expect(videos).toEqual(new Set(Object.keys(VIDEO_TYPES)));
  });

  test.each(kinds)(
    '%s is recognised by its bytes, under any name',
    async (_, load, type, format) => {
      const { contentType, facts, preview } = await inspectMedia(await load(), 'notes.txt');
      expect(contentType).toBe(type);
      expect(mediaFactsSchema.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
      expect(facts).toMatchObject({ kind: 'image', format });
      const copy = await sharp(preview?.bytes).metadata();
      expect(copy).toMatchObject({ format: 'jpeg', space: 'srgb', channels: 3 });
    },
  );

  const exe = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(510, 1)]);
  test.each([
    ['a Windows program', exe],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['PDF', Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj')],
    ['text', Buffer.from('not a photo')],
    ['a single byte', Buffer.from([0xff])],
  ])('%s named .jpg is refused', async (_, bytes) => {
    expect(await codeOf(bytes)).toBe('unsupported_media_type');
  });

  test('the error for an empty file says that it is empty', async () => {
    expect(await codeOf(Buffer.alloc(0))).toBe('empty_file');
  });

  test('a file name cannot add lines to a message', async () => {
    const attempt = inspectMedia(Buffer.from('x'), `a\r\nb${'c'.repeat(500)}.jpg`);
    await expect(attempt).rejects.toThrow(/^“a bc{60,80}…” is not a photo/);
  });
});

describe('damage', () => {
  test.each([
    '01-astronaut.png',
    '03-coffee.webp',
    '05-dogs.jpg',
    '06-osprey.jpg',
    '21-cat-iphone.heic',
  ])('%s is refused wherever it was cut off', async (name) => {
    const bytes = await photo(name);
    for (const part of [0.2, 0.6, 0.95]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part));
      expect([part, await codeOf(cut)]).toEqual([part, 'media_corrupt']);
    }
  });

  test('a header with noise behind it is refused', async () => {
    const noise = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(999, 7)]);
    expect(await codeOf(noise)).toBe('media_corrupt');
  });

  test('bytes after the end of the picture are harmless', async () => {
    const bytes = await canvas(64, 48).jpeg().toBuffer();
    expect(await codeOf(Buffer.concat([bytes, Buffer.alloc(1_000, 9)]))).toBe('accepted');
  });

  test('a small file that unfolds to over 100 megapixels is not decoded', async () => {
    const bomb = await canvas(10_001, 10_000).png().toBuffer();
    expect(bomb.length).toBeLessThan(2_000_000);
    expect(await codeOf(bomb, 'bomb.png')).toBe('media_too_complex');
  });
});

test('a HEIC that claims over 50 megapixels is not decoded', async () => {
  const bytes = Buffer.from(await photo('21-cat-iphone.heic'));
  const size = bytes.indexOf('ispe') + 8;
  bytes.writeUInt32BE(9_000, size);
  bytes.writeUInt32BE(9_000, size + 4);
  // This box would crop the picture again.
  bytes.write('free', bytes.indexOf('clap'), 'latin1');
  expect(await codeOf(bytes, 'bomb.heic')).toBe('media_too_complex');
});

describe('the small one', () => {
  const smallOf = async (name: string, options = {}) =>
    (await inspectMedia(await photo(name), 'p', { withSmall: true, ...options })).small;

  test.each([
    ['08-lake.jpg', [640, 360]],
    ['05-dogs.jpg', [480, 721]],
  ])(
    'of %s covers a tile, with at most a third of the bytes of the preview',
    async (name, size) => {
      const options = { previewMaxSide: 1_536, withSmall: true };
      const { preview, small } = await inspectMedia(await photo(name), 'p', options);
      const { format, width, height, exif } = await sharp(small ?? undefined).metadata();
      expect([format, width, height, exif]).toEqual(['jpeg', ...size, undefined]);
      expect(small?.length).toBeLessThan((preview?.bytes.length ?? 0) / 3);
    },
  );

  test('is not made where the preview is as good, or nobody asks for it', async () => {
    expect(await smallOf('02-cat.png')).toBeNull();
    expect(await smallOf('95-three-portraits.jpg', { previewMaxSide: 1_536 })).toBeNull();
    expect(await smallOf('08-lake.jpg', { previewMaxSide: 500 })).toBeNull();
    expect(await smallOf('08-lake.jpg', { withSmall: false })).toBeNull();
  });
});

describe('the preview', () => {
  test('stands upright, whatever the EXIF orientation', async () => {
    const { facts, preview } = await inspectMedia(await photo('18-cat-exif-orientation6.jpg'), 'c');
    expect(facts).toMatchObject({ width: 451, height: 300 });
    const upright = await sharp(await photo('02-cat.png'))
      .removeAlpha()
      .raw()
      .toBuffer();
    const shown = await sharp(preview?.bytes).raw().toBuffer();
    const difference = upright.reduce(
      (sum, value, i) => sum + Math.abs(value - (shown[i] ?? 0)),
      0,
    );
    expect(difference / upright.length).toBeLessThan(8);
  });

  test('is at most 768 pixels a side and never enlarged', async () => {
    const sizeOf = async (width: number, height: number, options = {}) => {
      const bytes = await canvas(width, height).png().toBuffer();
      const { preview } = await inspectMedia(bytes, 'p', options);
      const size = await sharp(preview?.bytes).metadata();
      return [size.width, size.height];
    };
    expect(await sizeOf(1_536, 1_024)).toEqual([768, 512]);
    expect(await sizeOf(500, 900)).toEqual([427, 768]);
    expect(await sizeOf(1, 1)).toEqual([1, 1]);
    expect(await sizeOf(3_000, 3)).toEqual([768, 1]);
    expect(await sizeOf(900, 900, { previewMaxSide: 128 })).toEqual([128, 128]);
  });

  test.each(LOCATED)('of a %s carries no EXIF, no place, no profile', async (_, load) => {
    const { facts, preview } = await inspectMedia(await load(), 'p', { captureLocation: true });
    expect(facts.capture.place).toBeDefined();
    await expectBare(preview?.bytes);
  });

  test('of a HEIC has none either', async () => {
    const { preview } = await inspectMedia(await photo('21-cat-iphone.heic'), 'p');
    await expectBare(preview?.bytes);
  });

  async function expectBare(preview: Buffer | undefined) {
    const { exif, icc, xmp, iptc } = await sharp(preview).metadata();
    expect({ exif, icc, xmp, iptc }).toEqual({});
    const text = preview?.toString('latin1') ?? '';
    for (const trace of ['Exif', 'GPS', 'Apple', 'iPhone', 'ICC_PROFILE', 'http://ns.adobe']) {
      expect(text).not.toContain(trace);
    }
  }

  test('shows transparency as white', async () => {
    const clear = { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } };
    const bytes = await sharp({ create: clear as Create })
      .png()
      .toBuffer();
    const { facts, preview } = await inspectMedia(bytes, 'p');
    expect([...(await sharp(preview?.bytes).raw().toBuffer()).subarray(0, 3)]).toEqual([
      255, 255, 255,
    ]);
    expect(facts.colors).toEqual([{ hex: '#ffffff', share: 1 }]);
  });

  test.each([
    ['grayscale', () => canvas(40, 30).toColourspace('b-w').png()],
    ['16 bit', () => canvas(40, 30).toColourspace('rgb16').png()],
    ['CMYK', () => canvas(40, 30).toColourspace('cmyk').jpeg()],
    ['grayscale with alpha', () => canvas(40, 30).ensureAlpha(0.5).toColourspace('b-w').png()],
  ])('of a %s picture is sRGB', async (_, make) => {
    const { preview } = await inspectMedia(await make().toBuffer(), 'p');
    expect(await sharp(preview?.bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
  });

  test.each([
    ['8-bit JPEG in Display P3', () => red().withIccProfile('p3').jpeg()],
    ['16-bit PNG in Display P3', () => red().toColourspace('rgb16').withIccProfile('p3').png()],
    ['16-bit PNG in sRGB', () => red().toColourspace('rgb16').withIccProfile('srgb').png()],
    ['16-bit PNG without a profile', () => red().toColourspace('rgb16').png()],
  ])('has the colours of an %s', async (_, make) => {
    const { facts } = await inspectMedia(await make().toBuffer(), 'p');
    const [main] = facts.colors;
    expect(main?.hex).toMatch(/^#f[c-f]0[0-4]0[0-4]$/);
  });
});

const red = () => canvas(40, 30, '#ff0000');

describe('capture', () => {
  test.each(LOCATED)(
    'camera and time are read from a %s, the place only on demand',
    async (_, load) => {
      const bytes = await load();
      const known = { taken_at: '2019-04-14T16:02:11', camera: 'Apple iPhone 6' };
      expect((await inspectMedia(bytes, 'p')).facts.capture).toEqual(known);
      const located = await inspectMedia(bytes, 'p', { captureLocation: true });
      const place = { latitude: 35.658611, longitude: 139.745278 };
      expect(located.facts.capture).toEqual({ ...known, place });
    },
  );

  test('damaged EXIF is ignored', async () => {
    const bytes = await canvas(80, 60).withExif(EXIF).jpeg().toBuffer();
    const start = bytes.indexOf('Exif\0\0', 0, 'latin1') + 14;
    bytes.fill(0xff, start, start + 60);
    const { facts } = await inspectMedia(bytes, 'p');
    expect(facts.capture).toEqual({ taken_at: null, camera: null });
  });
});

test.each([
  ['86-coins.jpg', true],
  ['87-photographer.jpg', true],
  // Its main colours are gray, but a small part is not.
  ['74-cup-saucer.webp', false],
  ['63-page-sign-in.jpg', false],
  ['08-lake.jpg', false],
])('%s has no colours: %s', async (name, grayscale) => {
  expect((await inspectMedia(await photo(name), name)).facts.grayscale).toBe(grayscale);
});

test('the first frame of an animation is measured, and the facts say so', async () => {
  const frames = await sharp(
    [
      await canvas(20, 20, '#cc0000').png().toBuffer(),
      await canvas(20, 20, '#0000cc').png().toBuffer(),
    ],
    { join: { animated: true } },
  )
    .gif()
    .toBuffer();
  const { facts } = await inspectMedia(frames, 'a.gif');
  expect(facts).toMatchObject({ width: 20, height: 20, animated: true });
  expect(facts.colors).toEqual([{ hex: '#cc0000', share: 1 }]);
});

/** No library here writes these two kinds of animation, so each is a still picture that is marked as one. */
const SEQUENCES: [string, () => Promise<Buffer>][] = [
  [
    'AVIF',
    async () => {
      const bytes = await canvas(20, 20, '#cc0000').avif().toBuffer();
      bytes.write('avis', bytes.indexOf('ftyp') + 4, 'latin1');
      return bytes;
    },
  ],
  [
    'AVIF that is a still picture first',
    async () => {
      const bytes = await canvas(20, 20, '#cc0000').avif().toBuffer();
      bytes.write('avis', bytes.indexOf('ftyp') + 12, 'latin1');
      return bytes;
    },
  ],
  [
    'PNG',
    async () => {
      const bytes = await canvas(20, 20, '#cc0000').png().toBuffer();
      const start = bytes.indexOf('IHDR') + 4 + 13 + 4;
      // Two frames, played for ever: https://www.w3.org/TR/png-3/#acTL-chunk
      const chunk = Buffer.from('0000000861635443000000020000000000000000', 'hex');
      chunk.write('acTL', 4, 'latin1');
      chunk.writeUInt32BE(crc32(chunk.subarray(4, 16)), 16);
      return Buffer.concat([bytes.subarray(0, start), chunk, bytes.subarray(start)]);
    },
  ],
];

test.each(SEQUENCES)('an animated %s is opened, and called an animation', async (_, make) => {
  const { facts } = await inspectMedia(await make(), 'a');
  expect(facts).toMatchObject({ width: 20, height: 20, animated: true });
  const [main] = facts.colors;
  expect(main?.hex).toMatch(/^#c[a-f0-9]0[0-3]0[0-3]$/);
});

describe('video', () => {
  test.each(CLIPS)('%s gives what its container says', async (name, type, expected) => {
    const { contentType, facts, preview } = await inspectMedia(await video(name), 'x.jpg');
    expect([contentType, preview]).toEqual([type, null]);
    expect(facts).toMatchObject({ ...expected, kind: 'video', duration_s: 2, quality: null });
  });

  test('is as long as its longest track, because a model reads all of it', async () => {
    const { facts } = await inspectMedia(await withSoundOf(600), 'v');
    expect(facts).toMatchObject({ width: 160, height: 90 });
    expect(facts.duration_s).toBeGreaterThan(600);
    expect(facts.duration_s).toBeLessThan(601);
  });

  test('is not damaged because nobody spoke: its track of sound may be empty', async () => {
    const bytes = await videoWithEmptySound();
    using input = new Input({ source: new BufferSource(bytes), formats: [WEBM] });
    expect(await input.getAudioTracks()).toHaveLength(1);
    const { facts } = await inspectMedia(bytes, 'v');
    expect(facts).toMatchObject({ width: 160, height: 90 });
    expect(facts.duration_s).toBeGreaterThan(1.5);
    const cut = bytes.subarray(0, 400);
    await expect(inspectMedia(cut, 'v')).rejects.toMatchObject({ code: 'media_corrupt' });
  });

  test('is as long as all its frames, although an edit list hides most of them', async () => {
    const { facts } = await inspectMedia(mostlyHidden(3_600), 'v');
    expect(facts.duration_s).toBe(3_600);
  });

  test('a phone’s QuickTime tags give camera and time, the place only on demand', async () => {
    const bytes = await video('portrait.mov');
    const known = { taken_at: '2024-05-06T07:08:09', camera: 'Apple iPhone 12' };
    expect((await inspectMedia(bytes, 'v')).facts.capture).toEqual(known);
    const located = await inspectMedia(bytes, 'v', { captureLocation: true });
    const place = { latitude: 35.6586, longitude: 139.7454 };
    expect(located.facts.capture).toEqual({ ...known, place });
  });

  test.each(['clip.mp4', 'clip.webm', 'portrait.mov'])(
    '%s is refused when cut off',
    async (name) => {
      const bytes = await video(name);
      for (const part of [0.3, 0.6, 0.95]) {
        const cut = bytes.subarray(0, Math.floor(bytes.length * part));
        expect([part, await codeOf(cut, name)]).toEqual([part, 'media_corrupt']);
      }
    },
  );
});

test('an aborted signal stops the work with its own reason', async () => {
  const reason = new Error('deleted');
  const signal = AbortSignal.abort(reason);
  await expect(inspectMedia(await photo('02-cat.png'), 'p', { signal })).rejects.toBe(reason);
});

describe('a file that is too large for memory', () => {
  /** Remote content, and the reads of it. */
  function remote(bytes: Buffer, size = bytes.length) {
    const reads: [number, number][] = [];
    const read = async (start: number, end: number) => {
      reads.push([start, end]);
      return bytes.subarray(start, end);
    };
    return { content: { size, read }, reads };
  }

  async function largeMov(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of largeVideoPieces(40 * 2 ** 20)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  test('a video gives the same facts as in memory, from a small part of it', async () => {
    const bytes = await largeMov();
    const { content, reads } = remote(bytes);
    expect(await inspectMedia(content, 'x.mov')).toEqual(await inspectMedia(bytes, 'x.mov'));
    const read = reads.reduce((sum, [start, end]) => sum + end - start, 0);
    expect(read).toBeLessThan(4 * 2 ** 20);
  });

  test('a video is not called damaged if the storage fails', async () => {
    const { content } = remote(await video('portrait.mov'));
    let reads = 0;
    const read = async (start: number, end: number) => {
      if (++reads > 1) throw new Error('storage is down');
      return content.read(start, end);
    };
    await expect(inspectMedia({ ...content, read }, 'x.mov')).rejects.toThrow('storage is down');
  });

  test('an index of gigabytes is not read', async () => {
    const head = Buffer.alloc(2 ** 20);
    (await video('portrait.mov')).copy(head, 0, 0, 20);
    const size = 2 ** 31;
    head.writeUInt32BE(size - 20, 20);
    head.write('moov', 24, 'latin1');
    const { content, reads } = remote(head, size);
    await expect(inspectMedia(content, 'x.mov')).rejects.toMatchObject({ code: 'media_corrupt' });
    for (const [start, end] of reads) expect(end - start).toBeLessThanOrEqual(2 ** 20);
  });

  test('a photo is held, up to a limit', async () => {
    const bytes = await photo('02-cat.png');
    const { contentType } = await inspectMedia(remote(bytes).content, 'x.png');
    expect(contentType).toBe('image/png');
    const huge = inspectMedia(remote(bytes, MAX_PHOTO_BYTES + 1).content, 'x.png');
    await expect(huge).rejects.toMatchObject({
      code: 'file_too_large',
      message: expect.stringMatching(/x\.png.*128 MiB/),
    });
  });
});
