/**
 * The service compares strings as UTF-8 bytes. This does so without encoding. UTF-16 code units sort the same way with one
 * exception: a surrogate (U+D800–U+DFFF, half of a code point above U+FFFF, which has four bytes in UTF-8) must sort after
 * U+E000–U+FFFF (three bytes).
 */
export function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return Number(isSurrogate(a)) - Number(isSurrogate(b)) || a - b;
  }
  return left.length - right.length;
}

function isSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff;
}

export function utf8Length(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
