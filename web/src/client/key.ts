/** An `Idempotency-Key`. Not `crypto.randomUUID`: a page that came by plain http does not have it. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
