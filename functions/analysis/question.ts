/** The questions to a model about a media, and how its answers are read. */
import type { AnalysisNote, Description } from '@media-analysis/shared/analytics';
import type { ErrorCode } from '@media-analysis/shared/errors';
import type { MessageData } from 'genkit';
import { createReadAnswer } from './answer.ts';
import type { Asked, Question, Wish } from './call.ts';
import { type AnalysisDefinition, DESCRIBE } from './catalog/analyses.ts';
import { answerJsonSchema } from './catalog/answer-schema.ts';
import { InvalidOutputError } from './errors.ts';
import { definitionOf, loadPrompt } from './prompt.ts';
import { parseModelOutput } from './schema.ts';

/** Each prompt is compiled once. */
export function createQuestions(): (asked: Asked) => Promise<Question> {
  const loaded = new Map<string, Promise<Omit<Question, 'asked' | 'render'> & Renders>>();
  return async (asked) => {
    let loading = loaded.get(asked.name);
    loading ??= load(definitionOf(asked.name));
    loaded.set(asked.name, loading);
    const { renderWith, ...question } = await loading;
    return { ...question, asked, render: (language, wish) => renderWith(asked, language, wish) };
  };
}

interface Renders {
  renderWith: (asked: Asked, language: string, wish: Wish) => Promise<MessageData[]>;
}

async function load(
  definition: AnalysisDefinition,
): Promise<Omit<Question, 'asked' | 'render'> & Renders> {
  const { name, output, config = {} } = definition;
  const render = await loadPrompt(definition);
  const renderWith: Renders['renderWith'] = async ({ input }, language, { fault, ...wish }) => {
    const messages = await render(language, { ...input, ...wish });
    return fault === undefined ? messages : withFault(messages, fault);
  };
  if (name === DESCRIBE || !output) {
    return {
      renderWith,
      config,
      schemaFor: answerJsonSchema,
      read: (said, wish) => withNotes(parseModelOutput(said), wish),
    };
  }
  const read = createReadAnswer(output);
  return { renderWith, config, schemaFor: () => output, read };
}

/** The model gets this much about the fault of its answer. */
const MAX_FAULT = 500;

/**
 * The question after an unusable answer. A useless answer costs money too, so there is only one second question.
 * @returns undefined if the error is not about an answer, or the wish was the second one already
 */
export function secondWish(wish: Wish, error: unknown, code: ErrorCode): Wish | undefined {
  if (wish.fault !== undefined) return undefined;
  switch (code) {
    case 'analysis_cut_off':
      return { ...wish, brief: true, fault: 'it was too long and broke off. Write much less' };
    case 'analysis_recitation':
      return { ...wish, transcript: false, fault: 'it repeated a published text word for word' };
    case 'analysis_invalid_output': {
      const { fault, message } =
        error instanceof InvalidOutputError ? error : new InvalidOutputError('');
      return { ...wish, fault: `${fault} (${message})`.slice(0, MAX_FAULT) };
    }
    default:
      return undefined;
  }
}

/** Some servers refuse two messages of the user in a row, so the fault becomes part of the last one. */
function withFault(messages: readonly MessageData[], fault: string): MessageData[] {
  const text = `\n\nYou were asked this before, and your answer could not be used: ${fault}. Answer again, with nothing but the whole JSON object that is asked for.`;
  const last = messages.at(-1);
  if (last?.role !== 'user') return [...messages, { role: 'user', content: [{ text }] }];
  return [...messages.slice(0, -1), { ...last, content: [...last.content, { text }] }];
}

function withNotes(output: Description, { transcript, brief }: Wish): Description {
  const notes: AnalysisNote[] = [
    ...(transcript ? [] : (['text_left_out'] as const)),
    ...(brief ? (['shortened'] as const) : []),
  ];
  return notes.length > 0 ? { ...output, notes } : output;
}
