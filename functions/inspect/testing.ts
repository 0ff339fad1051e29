/** For tests: unusual videos, made from the clip of two seconds without decoding it. */
import { readFile } from 'node:fs/promises';
import {
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  Output,
  WEBM,
  WebMOutputFormat,
} from 'mediabunny';

const clip = (name: string) => readFile(new URL(`../../test/videos/${name}`, import.meta.url));

/** Each frame is its own mask. */
export async function transparentVideo(): Promise<Buffer> {
  const { bytes } = await rewritten((packet) => packet.clone({ sideData: { alpha: packet.data } }));
  return bytes;
}

/** Like a live stream that was saved: no length, no index, many parts, and a key frame only in the first one. */
export async function videoWithoutIndex(): Promise<Buffer> {
  // A new part begins with each frame that is marked as a key frame.
  const { bytes, frames } = await rewritten((packet) => packet.clone({ type: 'key' }), {
    appendOnly: true,
    minimumClusterDuration: 0.4,
  });
  let at = 0;
  for (const [n, frame] of frames.entries()) {
    at = bytes.indexOf(frame, at);
    // The byte before a frame has its flags: https://www.matroska.org/technical/basics.html#simpleblock-structure
    if (n > 0) bytes.writeUInt8(bytes.readUInt8(at - 1) & 0x7f, at - 1);
  }
  return bytes;
}

/** As a browser records with the microphone off: an empty track of sound. */
export async function videoWithEmptySound(): Promise<Buffer> {
  const { bytes } = await rewritten(
    (packet) => packet,
    { appendOnly: true },
    (output) => {
      const decoderConfig = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 };
      output.addAudioTrack(new EncodedAudioPacketSource('opus'), { decoderConfig });
    },
  );
  return bytes;
}

/** Its index names a coding that no browser decodes. */
export async function undecodableVideo(): Promise<Buffer> {
  const bytes = await clip('clip.mp4');
  bytes.write('ap4h', bytes.indexOf('avc1', bytes.indexOf('stsd')), 'latin1');
  return bytes;
}

type Packet = NonNullable<Awaited<ReturnType<EncodedPacketSink['getFirstPacket']>>>;

async function rewritten(
  change: (packet: Packet) => Packet,
  options: ConstructorParameters<typeof WebMOutputFormat>[0] = {},
  addTracks: (output: Output) => void = () => undefined,
) {
  using input = new Input({ source: new BufferSource(await clip('clip.webm')), formats: [WEBM] });
  const track = await input.getPrimaryVideoTrack();
  const decoderConfig = await track?.getDecoderConfig();
  if (!track?.codec || !decoderConfig) throw new Error('the clip has no picture');
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(options), target });
  const source = new EncodedVideoPacketSource(track.codec);
  output.addVideoTrack(source);
  addTracks(output);
  await output.start();
  const frames: Uint8Array[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    frames.push(packet.data);
    await source.add(change(packet), { decoderConfig });
  }
  await output.finalize();
  return { bytes: Buffer.from(target.buffer ?? new ArrayBuffer(0)), frames };
}
