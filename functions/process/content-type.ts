/** https://www.rfc-editor.org/rfc/rfc6838#section-4.2 */
const TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;

/**
 * Drops the parameters. An invalid type becomes '': it may have kilobytes, and a record of 1 MiB keeps hundreds of types.
 * @example parseContentType('image/png; charset=x') // 'image/png'
 */
export function parseContentType(text = ''): string {
  const type = text.split(';', 1)[0]?.trim() ?? '';
  return TYPE.test(type) ? type : '';
}
