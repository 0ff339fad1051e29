/** Rows of a table that spreadsheets open: RFC 4180, with UTF-8 that they recognise. */

/** Without this mark Excel reads UTF-8 as if it were of the language of its system. */
export const BYTE_ORDER_MARK = '\ufeff';

/**
 * A spreadsheet takes such a text for a formula, and the text may come from a stranger's picture. After an apostrophe it is
 * a text. Where the list separator of a system is a semicolon, a cell of ours that has one is two cells, and a line break ends
 * the row: so what follows them counts as a beginning. Spaces, quotes and what nobody sees do not hide a sign from every
 * program. https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA =
  /^(?=[\t\r\n])|(?<=^|[;\t-\r\u0085\u2028\u2029])(?=[\s\p{C}"']*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;
/** LibreOffice divides by semicolons and tabs too, but not within quotes. */
const QUOTED = /[",;\t\r\n']/;

export function csvRow(cells: readonly (string | number | null | undefined)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(cell: string | number | null | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = cell.replace(FORMULA, "'");
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
