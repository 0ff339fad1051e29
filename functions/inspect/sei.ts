/**
 * Removes "supplemental enhancement information" (ITU-T H.264 and H.265, annex D): data between the frames of a video.
 * Camcorders write time and place there. No decoder needs it.
 */
type Coding = Pick<VideoDecoderConfig, 'codec' | 'description'>;

/** @param data A frame of MP4, QuickTime or WebM: units, each after its length. */
export function withoutSei(data: Uint8Array, { codec, description }: Coding): Uint8Array {
  const isHevc = /^(hvc1|hev1)/.test(codec);
  if (!description || !(isHevc || /^avc[13]/.test(codec))) return data;
  // The file has the number of bytes of a length, minus one: ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1.
  const lengthBytes = ((bytesOf(description)[isHevc ? 21 : 4] ?? 3) & 3) + 1;
  const kept: Uint8Array[] = [];
  for (let at = 0; at < data.length; ) {
    const start = at + lengthBytes;
    const length = data.subarray(at, start).reduce((sum, byte) => sum * 256 + byte, 0);
    const head = data[start] ?? 0;
    const type = isHevc ? (head >> 1) & 63 : head & 31;
    const isSei = isHevc ? type === 39 || type === 40 : type === 6;
    if (!isSei) kept.push(data.subarray(at, start + length));
    at = start + length;
  }
  return Buffer.concat(kept);
}

function bytesOf(source: NonNullable<Coding['description']>): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
