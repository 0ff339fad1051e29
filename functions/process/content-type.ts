/** The type of a file, as a server or the metadata of an object say it. */

/** https://www.rfc-editor.org/rfc/rfc6838#section-4.2 */
const TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;

/**
 * Without its parameters. What is no type is none: it may have kilobytes, and a record that keeps hundreds of them has 1 MiB.
 * @example parseContentType('image/png; charset=x') // 'image/png'
 */
export function parseContentType(text = ''): string {
  const type = text.split(';', 1)[0]?.trim() ?? '';
  return TYPE.test(type) ? type : '';
}
