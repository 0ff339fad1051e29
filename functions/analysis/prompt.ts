/** Fills in the prompts of `analyses/`, in the format of https://google.github.io/dotprompt */
import type { MessageData, Part } from 'genkit';
import { type AnalysisDefinition, analysisOf } from './catalog/analyses.ts';

/** @throws {Error} if the analysis does not exist: the caller has to check the name first */
export function definitionOf(name: string): AnalysisDefinition {
  const definition = analysisOf(name);
  if (!definition) throw new Error(`There is no analysis "${name}".`);
  return definition;
}

/** @param values The prompt's input besides the language. */
export type RenderPrompt = (language: string, values: object) => Promise<MessageData[]>;

/** Stands for the picture or video until `withMedia` puts it there. */
const PLACEHOLDER = 'media:';

/** Loads the template engine, which only an analysis needs. */
export async function loadPrompt({
  template,
  partials,
}: Pick<AnalysisDefinition, 'template' | 'partials'>): Promise<RenderPrompt> {
  const { Dotprompt } = await import('dotprompt');
  const render = await new Dotprompt({ partials }).compile(template);
  return async (language, values) => {
    const given = Object.entries(values).map(([name, value]) => [name, withoutMarkers(value)]);
    const input = {
      ...Object.fromEntries(given),
      language: languageName(language),
      media: PLACEHOLDER,
    };
    const { messages } = await render({ input });
    return messages.map(trimmed);
  };
}

/**
 * The template engine writes marks such as `<<<dotprompt:role:system>>>` into its text, and then reads them. A value must not
 * contain such a mark, or a question could give orders as the system.
 */
function withoutMarkers(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('<<<', '< < <') : value;
}

/** Puts pictures or a video at `{{media url=media}}` in the prompt, or before the user's text. */
export function withMedia(messages: readonly MessageData[], parts: readonly Part[]): MessageData[] {
  const isPlaced = messages.some(({ content }) => content.some(isPlaceholder));
  return messages.map(({ role, content }) => ({
    role,
    content:
      role === 'user' && !isPlaced
        ? [...parts, ...content]
        : content.flatMap((part): Part[] => (isPlaceholder(part) ? [...parts] : [part])),
  }));
}

const isPlaceholder = (part: Part) => part.media?.url === PLACEHOLDER;

function trimmed({ role, content }: { role: string; content: object[] }): MessageData {
  const parts = content.flatMap((part): Part[] => {
    if ('media' in part) return [{ media: { url: PLACEHOLDER } }];
    const text = 'text' in part ? String(part.text).trim() : '';
    return text === '' ? [] : [{ text }];
  });
  return { role: role as MessageData['role'], content: parts };
}

function languageName(tag: string): string {
  try {
    return `${new Intl.DisplayNames(['en'], { type: 'language' }).of(tag)} (${tag})`;
  } catch {
    // It is not a language tag, so it must not get into the prompt.
    return 'English (en)';
  }
}
