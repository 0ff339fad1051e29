/** Writes what a model would, for the stand-ins of models. */

export type JsonSchema = {
  type?: string;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
};

/** From the top, the left, to the bottom and the right, in thousandths. */
const BOX = [200, 100, 600, 400];

/** A value that fits the schema. */
export function valueFor(schema: JsonSchema): unknown {
  const first = schema.anyOf?.[0];
  if (first) return valueFor(first);
  if (schema.enum) return schema.enum[0];
  switch (schema.type?.toLowerCase()) {
    case 'object': {
      const members = Object.entries(schema.properties ?? {});
      return Object.fromEntries(
        members.map(([name, member]) => [name, name === 'box_2d' ? BOX : valueFor(member)]),
      );
    }
    case 'array':
      return [valueFor(schema.items ?? {})];
    case 'integer':
      return 2;
    case 'number':
      return 0.5;
    case 'boolean':
      return true;
    default:
      return 'harbour';
  }
}

/** The text as a stream has it: a few characters an event, and a few hundred events at most. */
export function piecesOf(text: string, characters: number): string[] {
  const length = Math.max(characters, Math.ceil(text.length / 300));
  return text.match(new RegExp(`[\\s\\S]{1,${length}}`, 'g')) ?? [];
}
