/** The content of a file `analyses/NAME.prompt`, which `local/analyses.ts` reads. */

type JsonSchema = { [keyword: string]: unknown };

/** The analysis whose result is the field `analytics` of a media. */
export const DESCRIBE = 'describe';

/** One file `analyses/NAME.prompt`. */
export interface AnalysisDefinition {
  name: string;
  /** For people, in English. */
  title: string;
  description: string;
  /** The same in other languages, by their tags; `labels` by the paths of fields, such as `items.name`. */
  translations?: Record<string, Translation>;
  /** Asked instead of `ANALYSIS_MODEL`. */
  model?: string;
  /** Settings of the model, as Genkit names them. */
  config?: ModelSettings;
  /** JSON Schema of each value that a caller gives; `{}` for most analyses. */
  input: Record<string, JsonSchema>;
  /** The values that a caller has to give. */
  required: readonly string[];
  /** JSON Schema of the answer. Null for `describe`, whose answer is `analytics`. */
  output: JsonSchema | null;
  /** The text of the prompt, in Handlebars, and of the files that it includes. */
  template: string;
  partials: Record<string, string>;
  /** Changes with everything that the model is told. */
  version: string;
}

interface Translation {
  title?: string | undefined;
  description?: string | undefined;
  labels?: Record<string, string> | undefined;
}

interface ModelSettings {
  temperature?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  maxOutputTokens?: number | undefined;
}
