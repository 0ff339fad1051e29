/**
 * Node 24.21 ruins its heap when it decodes an odd number of bytes as UTF-16 from an odd address: a copy
 * that it makes is one byte too small. In a form the sender chooses all of that, by a field with
 * `charset=utf-16le`, which busboy decodes with this method. Half a unit means nothing: it is left out.
 *
 * Importing this module is what protects the parser.
 */
interface Utf16Decoder {
  ucs2Slice(start?: number, end?: number): string;
}

const prototype = Buffer.prototype as unknown as Utf16Decoder;
const { ucs2Slice } = prototype;

prototype.ucs2Slice = function (this: Buffer, start = 0, end = this.length) {
  return ucs2Slice.call(this, start, end - ((end - start) % 2));
};
