/**
 * Node 24 decodes UTF-16 that begins at an odd address by way of a copy for which it allocates half as
 * many units as there are whole pairs of bytes, and then copies all bytes: of an odd number, the last one
 * lands beyond the copy, in whatever the heap holds there. A sender chooses all of it, by a form field
 * with `charset=utf-16le`, which busboy decodes. Half a unit means nothing, so it is left out.
 *
 * Importing this module is what protects a process.
 */
interface Utf16Decoder {
  ucs2Slice(start?: number, end?: number): string;
}

const prototype = Buffer.prototype as unknown as Utf16Decoder;
const { ucs2Slice } = prototype;

prototype.ucs2Slice = function (this: Buffer, start = 0, end = this.length) {
  return ucs2Slice.call(this, start, end - ((end - start) % 2));
};
