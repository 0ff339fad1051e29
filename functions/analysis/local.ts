/**
 * The models that need no key and no network. `local/facts` says what was measured of the pixels and
 * read from the file, and leaves open what nobody looked at.
 */
import type { ModelOutput } from '@media-analysis/shared/analytics';
import type { Genkit } from 'genkit';
import { z } from 'zod';
import { type MediaFacts, mediaFactsSchema } from '../inspect/index.ts';
import { english, type Findings, findingsOf, japanese, type Words } from './local-words.ts';

const FACTS_VERSION = 'facts-1';
const VISION_VERSION = 'vision-0';

export function isLocal(model: string): boolean {
  return model.startsWith('local/');
}

/** Changes whenever the model may say something else of the same picture. */
export function localPromptVersion(model: string): string {
  return model === 'local/vision' ? VISION_VERSION : FACTS_VERSION;
}

const WORDS: Record<string, Words> = { en: english, ja: japanese };

const inputSchema = z.object({ facts: mediaFactsSchema, language: z.string() });

/** The language that an answer will be in: the wanted one if it is spoken here, else English. */
export function localLanguage(wanted: string): string {
  const language = wanted.toLowerCase().split('-')[0] ?? '';
  return Object.hasOwn(WORDS, language) ? language : 'en';
}

/** Genkit models like any other, so that they go through the same flow and schema. */
export function defineLocalModels(ai: Genkit): void {
  for (const name of ['local/facts', 'local/vision']) defineFacts(ai, name);
}

function defineFacts(ai: Genkit, name: string): void {
  ai.defineModel(
    {
      name,
      label: 'Measured facts',
      supports: { media: true, multiturn: false, tools: false, constrained: 'all' },
    },
    async ({ messages }) => {
      const data = messages.at(-1)?.content.find((part) => part.data !== undefined)?.data;
      const { facts, language } = inputSchema.parse(data);
      const text = JSON.stringify(describeFacts(facts, language));
      return {
        message: { role: 'model', content: [{ text }] },
        finishReason: 'stop',
        usage: { inputTokens: 0, outputTokens: 0 },
      };
    },
  );
}

export function describeFacts(facts: MediaFacts, language: string): ModelOutput {
  const findings = findingsOf(facts);
  const words = WORDS[localLanguage(language)] ?? english;
  return {
    title: words.title(findings),
    summary: words.summary(findings),
    tags: tagsOf(findings),
    objects: [],
    people_count: null,
    text: null,
    scene: null,
    mood: null,
    safety: { verdict: 'unknown', categories: [] },
  };
}

function tagsOf({ facts, orientation, grayscale, colors, focus }: Findings): string[] {
  const exposure = facts.quality?.exposure;
  return [
    facts.kind === 'video' ? 'video' : 'photo',
    orientation,
    ...(grayscale ? ['black and white'] : colors.map(({ en }) => en)),
    ...(facts.kind === 'image' && facts.animated ? ['animated'] : []),
    ...(focus === 'blurry' ? ['blurry'] : []),
    ...(exposure && exposure !== 'balanced' ? [exposure] : []),
  ];
}
