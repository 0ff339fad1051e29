/** The version of an analysis: it changes whenever the same picture may get another answer. */
import { createHash } from 'node:crypto';
import { analysisOf, DESCRIBE } from './analyses.ts';
import { answerJsonSchema } from './answer-schema.ts';
import { nameOf, providerOf } from './model-name.ts';

/** Change these whenever a local model may describe the same picture differently. */
const FACTS_VERSION = 'facts-4';
const VISION_VERSION = 'vision-5';

/** Version of a model that is our own code and follows no prompt. @param name `vision` or `facts` */
function localPromptVersion(name: string): string {
  return name === 'vision' ? VISION_VERSION : FACTS_VERSION;
}

/** A hash of the prompt and of the answer's schema, so that it changes by itself together with them. */
export function promptVersion(): string {
  const schema = answerJsonSchema({ video: true, transcript: true });
  const asked = (analysisOf(DESCRIBE)?.version ?? '') + JSON.stringify(schema);
  return `describe-${createHash('sha256').update(asked).digest('hex').slice(0, 8)}`;
}

/** @param model The full name of the model that is asked. */
export function analysisVersion(name: string, model: string): string {
  if (providerOf(model) === 'local') {
    const ours = localPromptVersion(nameOf(model));
    return name === DESCRIBE ? ours : `${name}-${ours}`;
  }
  return name === DESCRIBE ? promptVersion() : (analysisOf(name)?.version ?? '');
}
