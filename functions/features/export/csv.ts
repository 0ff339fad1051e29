/** Rows of CSV (RFC 4180) for spreadsheets. */

/** Without this mark, Excel reads UTF-8 in the encoding of its system's language. */
export const BYTE_ORDER_MARK = '\ufeff';

/**
 * A spreadsheet takes such a text for a formula, and the text may come from a stranger's picture. An apostrophe in front makes it a
 * text. Some systems separate cells by semicolons, and a line break may end the row, so a formula may also begin after these. Some
 * programs ignore spaces, quotes and invisible characters before it. https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA =
  /^(?=[\t\r\n])|(?<=^|[;\t-\r\u0085\u2028\u2029])(?=[\s\p{C}"']*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;
/** LibreOffice also splits at semicolons and tabs, but not inside quotes. */
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
