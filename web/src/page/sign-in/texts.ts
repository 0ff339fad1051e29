/** @returns these fields of a value; undefined if one of them is no string */
export function texts<Name extends string>(
  value: unknown,
  ...names: Name[]
): Record<Name, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = names.map((name) => [name, (value as Record<string, unknown>)[name]]);
  if (!fields.every(([, text]) => typeof text === 'string')) return undefined;
  return Object.fromEntries(fields);
}
