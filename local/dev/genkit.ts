/**
 * The process for Genkit's developer UI: it offers the worker's flow, models and prompt, to be run by hand. With `GENKIT_ENV=dev`
 * Genkit opens the port that the UI talks to: https://genkit.dev/docs/devtools/
 */
import { fileURLToPath } from 'node:url';
import { AppError } from '@media-analysis/shared/errors';
import { z } from 'genkit';
import { defineAnalysisFlow } from '../../functions/analysis/flow.ts';
import { loadGenkit } from '../../functions/analysis/genkit.ts';
import { createAnalyzer } from '../../functions/analysis/index.ts';
import { modelConfigOf } from '../../functions/analysis/model-config.ts';
import { createQuestions } from '../../functions/analysis/question.ts';
import { readOwnedPage } from '../../functions/core/media/owned-media.ts';
import { type MediaRecord, recordOf } from '../../functions/core/media/record.ts';
import { MediaStore } from '../../functions/core/media/store.ts';
import { sourceOf } from '../../functions/core/work/analyze-media.ts';
import { Inspector } from '../../functions/inspect/inspector.ts';
import { createFirestore, createStorage } from '../../functions/process/clients.ts';
import { ObjectStore } from '../../functions/storage/objects.ts';
import { loadWorkerConfig } from '../../functions/worker/config.ts';
import { sendTraces } from './genkit-traces.ts';

const PROMPTS = fileURLToPath(new URL('../../analyses', import.meta.url));

/** The user of requests without a token, see `../gateway.ts`. */
const LOCAL_USER = 'local';

const config = loadWorkerConfig();
const { ANALYSIS_MODEL: model, MODEL_FALLBACK: fallbacks } = config;
const callTimeoutMs = config.CALL_TIMEOUT_S * 1_000;
const providers = modelConfigOf(config);

sendTraces();

const ai = await loadGenkit([...new Set([model, ...fallbacks])], providers, PROMPTS);
const flow = defineAnalysisFlow(ai, createQuestions());
const analyzer = createAnalyzer({
  model,
  fallbacks,
  callTimeoutMs,
  ...providers,
  loadFlow: async () => flow,
});
const firestore = await createFirestore(config);
const media = new MediaStore(firestore);
const objects = new ObjectStore(await createStorage(config), config);
const inspector = new Inspector();

ai.defineFlow(
  {
    name: 'analyzeAgain',
    inputSchema: z.object({
      media_id: z
        .string()
        .optional()
        .describe('a photo that was stored; else the newest one of the user "local"'),
      language: z
        .string()
        .optional()
        .describe('e.g. ja; else the one that the photo was sent with'),
    }),
    streamSchema: z.number().describe('how far it is, from 0 to 1'),
  },
  async (input, { abortSignal: signal, sendChunk }) => {
    const record = await find(input.media_id);
    const { facts, content_type: contentType, file_name: fileName } = record;
    if (!facts) throw new Error(`${record.id} was never stored: ${record.error_code}`);
    const language = input.language ?? record.language;
    const subject = { facts, contentType, fileName, language };
    try {
      return await analyzer.analyze(
        { ...subject, ...(await sourceOf(record, objects, inspector)) },
        { signal, deadline: Date.now() + config.DELIVERY_BUDGET_S * 1_000, onProgress: sendChunk },
      );
    } catch (error) {
      throw withCauses(error);
    }
  },
);

async function find(id: string | undefined): Promise<MediaRecord> {
  const newest = async () => (await readOwnedPage(firestore, LOCAL_USER, 1)).records[0];
  const record = id === undefined ? await newest() : recordOf(await media.ref(id).get());
  if (record) return record;
  throw new Error(id === undefined ? `"${LOCAL_USER}" has sent nothing.` : `There is no ${id}.`);
}

/** The UI shows only the message, and the useful text is in the causes. */
function withCauses(error: unknown): Error {
  const said: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    said.push(each instanceof AppError ? `${each.code}: ${each.message}` : each.message);
  }
  return new Error(said.join('\n'), { cause: error });
}
