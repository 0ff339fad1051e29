/** What a model is asked about a media, and how its answer is read. */
import type { AnalysisNote, Description } from '@media-analysis/shared/analytics';
import type { MessageData } from 'genkit';
import { type AnalysisDefinition, DESCRIBE } from '../process/analyses.ts';
import { answerJsonSchema } from '../process/answer-schema.ts';
import { createReadAnswer } from './answer.ts';
import { CutOffError, RecitationError } from './errors.ts';
import { definitionOf, loadPrompt, type Wish } from './prompt.ts';
import { parseModelOutput } from './schema.ts';

/** An analysis by its name, and what its caller gave. Plain JSON. */
export interface Asked {
  name: string;
  input: Record<string, unknown>;
}

export interface Question {
  asked: Asked;
  /** The messages for a model, without the picture or video. */
  render: (language: string, wish: Wish) => Promise<MessageData[]>;
  /** JSON Schema of the answer. */
  schemaFor: (wish: Wish) => Record<string, unknown>;
  /** @throws {InvalidOutputError} */
  read: (text: string, wish: Wish) => Description | Record<string, unknown>;
  /** What to ask for after an error that would come again; undefined if asking for less would not help. */
  lessThan: (wish: Wish, error: unknown) => Wish | undefined;
  /** Settings of the model that the prompt names. */
  config: NonNullable<AnalysisDefinition['config']>;
}

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
  const renderWith: Renders['renderWith'] = ({ input }, language, wish) =>
    render(language, { ...input, ...wish });
  if (name === DESCRIBE || !output) {
    return {
      renderWith,
      config,
      schemaFor: answerJsonSchema,
      read: (text, wish) => withNotes(parseModelOutput(text), wish),
      lessThan,
    };
  }
  const read = createReadAnswer(output);
  return { renderWith, config, schemaFor: () => output, read, lessThan: () => undefined };
}

function lessThan(wish: Wish, error: unknown): Wish | undefined {
  if (error instanceof CutOffError && !wish.brief) return { ...wish, brief: true };
  if (error instanceof RecitationError && wish.transcript) return { ...wish, transcript: false };
  return undefined;
}

function withNotes(output: Description, { transcript, brief }: Wish): Description {
  const notes: AnalysisNote[] = [
    ...(transcript ? [] : (['text_left_out'] as const)),
    ...(brief ? (['shortened'] as const) : []),
  ];
  return notes.length > 0 ? { ...output, notes } : output;
}
