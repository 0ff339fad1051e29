/** Makes safe names for files in an archive. A sender's name may lead out of the folder where somebody unpacks it. */
import { extname } from 'node:path';

/** Linux takes names of 255 bytes. The rest is for a number. */
const MAX_BYTES = { start: 200, ending: 40 };
/** Windows allows no files of these names, with any ending. */
const DEVICES = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)(?=\s*(\.|$))/i;

/** Makes each name unique. Some file systems ignore case, so this does too. */
export class FileNames {
  readonly #given = new Set<string>();

  give(wanted: string): string {
    const clean = cleaned(wanted);
    const ending = extname(clean);
    const start = clean.slice(0, clean.length - ending.length);
    for (let n = 1; ; n++) {
      const name = n === 1 ? clean : `${start} (${n})${ending}`;
      if (this.#given.has(name.toLowerCase())) continue;
      this.#given.add(name.toLowerCase());
      return name;
    }
  }
}

function cleaned(name: string): string {
  const plain = name
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .replace(DEVICES, '_$1');
  const ending = extname(plain);
  const start = cut(plain.slice(0, plain.length - ending.length), MAX_BYTES.start);
  return `${start}${cut(ending, MAX_BYTES.ending)}`.replace(/[.\s]+$/, '') || 'file';
}

/** Cuts the text to a number of bytes, between two letters. */
function cut(text: string, bytes: number): string {
  let left = bytes;
  const letters = [...text];
  const end = letters.findIndex((letter) => {
    left -= Buffer.byteLength(letter);
    return left < 0;
  });
  return end === -1 ? text : letters.slice(0, end).join('');
}
