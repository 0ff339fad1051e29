/** Names of files in an archive. What a sender calls a file may lead out of the folder where somebody unpacks it. */
import { extname } from 'node:path';

/** Linux takes names of 255 bytes. Some are left for a number. */
const MAX_BYTES = { start: 200, ending: 40 };
/** Windows has no files of these names, whatever their ending is. */
const DEVICES = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)(?=\s*(\.|$))/i;

/** Gives each name that was not given before, without regard to capitals: for some systems these are the same. */
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

/** As many of the first letters as have at most so many bytes. */
function cut(text: string, bytes: number): string {
  let left = bytes;
  const letters = [...text];
  const end = letters.findIndex((letter) => {
    left -= Buffer.byteLength(letter);
    return left < 0;
  });
  return end === -1 ? text : letters.slice(0, end).join('');
}
