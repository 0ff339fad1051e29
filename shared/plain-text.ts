/**
 * Removes invisible characters from a foreign text: control characters, and signs that reverse the direction of text.
 * With those, `gpj.exe` looks like `exe.jpg`. Line breaks and tabs stay, and so do the signs that join an emoji and the
 * marks of ordinary Arabic or Hebrew.
 */
export function plainText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(HIDDEN, '').toWellFormed();
}

/** A foreign file name as one line, without its folders. */
export function plainName(name: string): string {
  const last =
    plainText(name)
      .replace(/[\n\t]+/g, ' ')
      .split(/[\\/]/)
      .at(-1)
      ?.trim() ?? '';
  return last === '' || last === '.' || last === '..' ? 'unnamed' : last;
}

/** The overrides, embeddings and isolates of https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const HIDDEN = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;
