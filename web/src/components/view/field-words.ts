/** What the fields of an analysis are called for a person. Loaded with the full view. */
import type { AnalysisInfo } from '../../client/index.ts';
import { translationOf } from './analysis-words.ts';

/** The part of JSON Schema that analyses use. */
export interface Schema {
  type?: string;
  description?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

/**
 * @param path Of the field, such as `items.name`.
 * @param schema Of the field.
 */
export function labelOf(
  info: AnalysisInfo | undefined,
  language: string,
  path: string,
  schema: Schema | undefined,
): string {
  const translated = info && translationOf(info, language)?.labels?.[path];
  const name = path.slice(path.lastIndexOf('.') + 1);
  return translated ?? schema?.description ?? name.replaceAll('_', ' ');
}

/** The schema of what is there if it is not null. */
export function withoutNull(schema: Schema | undefined): Schema | undefined {
  return schema?.anyOf?.find(({ type }) => type !== 'null') ?? schema;
}
