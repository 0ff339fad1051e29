/**
 * Reads fields of an answer that have to be texts. A schema would be larger than all else of this part of the page.
 * @returns undefined if the value is no object, or if one of the fields is missing or no text
 * @example
 * ```ts
 * texts({ email: 'a@example.com', more: 1 }, 'email'); // { email: 'a@example.com' }
 * ```
 */
export function texts<Name extends string>(
  value: unknown,
  ...names: Name[]
): Record<Name, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = names.map((name) => [name, (value as Record<string, unknown>)[name]]);
  if (!fields.every(([, text]) => typeof text === 'string')) return undefined;
  return Object.fromEntries(fields);
}
