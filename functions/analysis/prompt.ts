/** What the model is told: `describe.prompt`, in the format of https://google.github.io/dotprompt */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MessageData } from 'genkit';
import { answerJsonSchema } from './schema.ts';

let source: string | undefined;

/** The file lies beside this module; a bundle has its text instead (`deploy/plugins.ts`). */
function readSource(): string {
  source ??= readFileSync(new URL('./describe.prompt', import.meta.url), 'utf8');
  return source;
}

/** Made from all that the model is asked for, so that nobody has to think of changing it. */
export function promptVersion(): string {
  const asked = readSource() + JSON.stringify(answerJsonSchema({ video: true }));
  return `describe-${createHash('sha256').update(asked).digest('hex').slice(0, 8)}`;
}

export interface Prompt {
  messages: MessageData[];
  config: { maxOutputTokens?: number };
}

export type RenderPrompt = (language: string, of: { video: boolean }) => Promise<Prompt>;

/** Loads the template engine, which only an analysis needs. */
export async function loadPrompt(): Promise<RenderPrompt> {
  const { Dotprompt } = await import('dotprompt');
  const render = await new Dotprompt().compile<Prompt['config']>(readSource());
  return async (language, { video }) => {
    const { messages, config } = await render({
      input: { language: languageName(language), video },
    });
    return { messages: messages.map(trimmed), config: config ?? {} };
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
    // Not a language tag after all, and then not something to put into a prompt either.
    return 'English (en)';
  }
}
