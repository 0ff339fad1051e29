/** Loads the prompt: `describe.prompt`, in the format of https://google.github.io/dotprompt */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MessageData } from 'genkit';
import { answerJsonSchema, type Wanted } from './schema.ts';

let source: string | undefined;

/** The file is beside this module. A bundle contains its text instead (`deploy/plugins.ts`). */
function readSource(): string {
  source ??= readFileSync(new URL('./describe.prompt', import.meta.url), 'utf8');
  return source;
}

/** A hash of the prompt and of the answer's schema, so that it changes by itself together with them. */
export function promptVersion(): string {
  const asked = readSource() + JSON.stringify(answerJsonSchema({ video: true, transcript: true }));
  return `describe-${createHash('sha256').update(asked).digest('hex').slice(0, 8)}`;
}

/** What the model is asked for, and how much. */
export interface Wish extends Wanted {
  /** Asks for a short description, which fits into one answer. */
  brief: boolean;
}

export type RenderPrompt = (language: string, wish: Wish) => Promise<MessageData[]>;

/** Loads the template engine. Only an analysis needs it. */
export async function loadPrompt(): Promise<RenderPrompt> {
  const { Dotprompt } = await import('dotprompt');
  const render = await new Dotprompt().compile(readSource());
  return async (language, wish) => {
    const input = { language: languageName(language), ...wish };
    const { messages } = await render({ input });
    return messages.map(trimmed);
  };
}

function trimmed({ role, content }: { role: string; content: object[] }): MessageData {
  const text = content.map((part) => ('text' in part ? String(part.text) : '')).join('');
  return { role: role as MessageData['role'], content: [{ text: text.trim() }] };
}

function languageName(tag: string): string {
  try {
    return `${new Intl.DisplayNames(['en'], { type: 'language' }).of(tag)} (${tag})`;
  } catch {
    // This is no language tag, so it must not get into the prompt.
    return 'English (en)';
  }
}
