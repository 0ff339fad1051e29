/** JSON Schema for OpenAI's strict mode: https://developers.openai.com/api/docs/guides/structured-outputs */

export type JsonSchema = { [keyword: string]: unknown };

/** Forbids members that the schema does not name. */
export function closed(schema: JsonSchema): JsonSchema {
  const inner = mapInner(schema, closed);
  return 'properties' in schema ? { ...inner, additionalProperties: false } : inner;
}

/** Strict mode accepts only schemas whose objects require all their members. */
export function hasAllRequired(schema: JsonSchema): boolean {
  const names = Object.keys((schema.properties ?? {}) as object);
  const required = (schema.required ?? []) as string[];
  let isComplete = names.every((name) => required.includes(name));
  mapInner(schema, (inner) => {
    isComplete &&= hasAllRequired(inner);
    return inner;
  });
  return isComplete;
}

function mapInner(schema: JsonSchema, map: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const { properties, items, anyOf } = schema as {
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
    anyOf?: JsonSchema[];
  };
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, map(inner)]),
      ),
    }),
    ...(items && { items: map(items) }),
    ...(anyOf && { anyOf: anyOf.map(map) }),
  };
}
