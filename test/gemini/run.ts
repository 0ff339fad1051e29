/**
 * `npm run test:gemini`: the journey of a photo and two videos, and the outcomes that can be provoked, with the real
 * Gemini API. `GEMINI_API_KEY` is needed; `-- --model googleai/NAME` names another model, `GEMINI_BASE_URL` another address.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Media } from '@media-analysis/shared/media';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { largeVideo } from '../support/large-video.ts';
import { client, file, startStack } from '../support/stack.ts';
import { type Outcome, provokedOutcomes } from './outcomes.ts';
import { report } from './report.ts';

const { GEMINI_API_KEY: geminiApiKey, GEMINI_BASE_URL: baseUrl, ANALYSIS_MODEL } = process.env;
const { values } = parseArgs({
  options: { model: { type: 'string', default: ANALYSIS_MODEL ?? '' } },
});
const model = values.model.startsWith('googleai/') ? values.model : `googleai/${EXAMPLE_GEMINI}`;

const NO_KEY = `This sends pictures to the real Gemini API, and for that it needs a key: GEMINI_API_KEY.
Make one at https://aistudio.google.com/apikey, then:

  GEMINI_API_KEY=… npm run test:gemini

It makes about 15 calls to ${model}, which cost a few US cents at most. Another one: npm run test:gemini -- --model googleai/…
What the API does that cannot be provoked is tried without it: npm test -- --selectProjects contract -- test/contract/gemini`;

/** More than travels inside a request. */
const LARGE = 25 * 1024 * 1024;

async function journey(): Promise<Outcome[]> {
  const stack = await startStack({
    environment: {
      ANALYSIS_MODEL: model,
      GEMINI_API_KEY: geminiApiKey ?? '',
      ...(baseUrl && { GEMINI_BASE_URL: baseUrl }),
    },
  });
  try {
    const clip = await readFile(new URL('../videos/clip.mp4', import.meta.url));
    const sent = {
      'a photo': await file('02-cat.png'),
      'a page of text': await file('24-drawn-page.jpg'),
      'a video inside the request': new File([clip], 'clip.mp4', { type: 'video/mp4' }),
      'a video by the Files API': await largeVideo(LARGE, 'large.mov'),
    };
    const user = client(stack);
    const { media_ids } = await user.analyze(Object.values(sent));
    const media = await user.results(media_ids);
    return Object.keys(sent).map((name, i) => judge(name, media[i]));
  } finally {
    await stack.close();
  }
}

/** What came back was read by our schemas on its way; here it must also be there, and paid for once. */
function judge(name: string, media: Media | undefined): Outcome {
  const { status, error_code, error_message, analytics, usage } = media ?? {};
  const spent = usage
    ? `${usage.model}, ${usage.attempts} calls, ${usage.input_tokens} + ${usage.output_tokens} tokens, $${usage.cost_usd}, ${usage.duration_ms} ms`
    : '';
  const boxes = analytics?.objects.filter(({ box }) => box).length ?? 0;
  const said = analytics
    ? `"${analytics.title}", ${analytics.objects.length} objects, ${boxes} with a box`
    : `${error_message}`;
  return {
    name,
    expected: 'completed',
    got: status === 'completed' ? status : `${status} ${error_code}`,
    detail: [said, spent].filter(Boolean).join('; '),
  };
}

if (!geminiApiKey) {
  console.error(NO_KEY);
  process.exit(1);
}
const provoked = await provokedOutcomes({ model, geminiApiKey, baseUrl });
// A media waits for a model that cannot be asked, without end.
const isAnswering = provoked[0]?.got === 'completed';
const outcomes = [...(isAnswering ? await journey() : []), ...provoked];
const { lines, hasFailed } = report(outcomes, model);
for (const line of lines) console.log(line);
process.exit(hasFailed ? 1 : 0);
