/**
 * Vectors as the Gemini API gives them, of as many dimensions as are asked for. Texts with the same words are near; besides,
 * these know some words that no table of ours has.
 * https://ai.google.dev/gemini-api/docs/embeddings
 */
import { createHash } from 'node:crypto';

export interface EmbedRequest {
  model: string;
  body: { content: { parts: { text: string }[] }; outputDimensionality?: number };
}

/** `wanwan` is what a Japanese child calls a dog. */
const MEANS: Record<string, string> = { wanwan: 'dog', hound: 'dog', nyanko: 'cat' };

/** The head that says what the text is for is no part of what it means. */
const HEAD = /^(task: search result \| query|title: none \| text): /;

export const textOf = ({ body }: EmbedRequest) =>
  body.content.parts.map(({ text }) => text).join('');

export function answerEmbedding(request: EmbedRequest): object {
  const { outputDimensionality = 3_072 } = request.body;
  const values = Array<number>(outputDimensionality).fill(0);
  const words =
    textOf(request)
      .replace(HEAD, '')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+/gu) ?? [];
  for (const word of words) {
    const hash = createHash('sha256')
      .update(MEANS[word] ?? word)
      .digest();
    const index = hash.readUInt32BE() % outputDimensionality;
    values[index] = (values[index] ?? 0) + 1;
  }
  const length = Math.hypot(...values) || 1;
  return { embedding: { values: values.map((value) => value / length) } };
}
