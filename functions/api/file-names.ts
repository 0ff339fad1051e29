/** Names of files in an archive. What a sender calls a file may lead out of the folder where somebody unpacks it. */
import { extname } from 'node:path';

const MAX_LETTERS = 150;
/** Windows has no files of these names, whatever their ending is. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

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
  const ending = extname(plain).slice(0, 20);
  const start = [...plain.slice(0, plain.length - ending.length)].slice(0, MAX_LETTERS).join('');
  return `${start}${ending}` || 'file';
}
