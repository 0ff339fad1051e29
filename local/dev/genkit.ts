/**
 * What Genkit's developer UI attaches to, in a process of its own: the worker's flow, models and prompt, to be run by
 * hand. With `GENKIT_ENV=dev` Genkit opens the port that the UI talks to: https://genkit.dev/docs/devtools/
 */
import { fileURLToPath } from 'node:url';
import { defineAnalysisFlow } from '@media-analysis/functions/analysis/flow';
import { loadGenkit } from '@media-analysis/functions/analysis/genkit';
import { createAnalyzer } from '@media-analysis/functions/analysis/index';
import { Models } from '@media-analysis/functions/analysis/models';
import { loadPrompt } from '@media-analysis/functions/analysis/prompt';
import { MEDIA_COLLECTION, type MediaRecord } from '@media-analysis/functions/media/record';
import { createFirestore, createStorage } from '@media-analysis/functions/process/clients';
import { loadWorkerConfig } from '@media-analysis/functions/process/config';
import { ObjectStore } from '@media-analysis/functions/storage/objects';
import { sourceOf } from '@media-analysis/functions/worker/analyze-media';
import { AppError } from '@media-analysis/shared/errors';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { z } from 'genkit';
import { setTelemetryServerUrl, TraceServerExporter } from 'genkit/tracing';

const PROMPTS = fileURLToPath(new URL('../../functions/analysis', import.meta.url));

const config = loadWorkerConfig();
const { ANALYSIS_MODEL: model, MODEL_FALLBACK: fallback } = config;
const providers = { geminiApiKey: config.GEMINI_API_KEY, baseUrl: config.GEMINI_BASE_URL };

const tracing = new NodeTracerProvider();
tracing.addSpanProcessor(new SimpleSpanProcessor(new TraceServerExporter()));
tracing.register();
// `genkit start -- npm run dev` sets it; a UI that comes later tells its own.
const { GENKIT_TELEMETRY_SERVER } = process.env;
if (GENKIT_TELEMETRY_SERVER !== undefined) setTelemetryServerUrl(GENKIT_TELEMETRY_SERVER);

const models = new Models(model, fallback);
const ai = await loadGenkit(models.all, providers, PROMPTS);
const flow = defineAnalysisFlow(ai, models, await loadPrompt());
const analyzer = createAnalyzer({ model, fallback, ...providers, loadFlow: async () => flow });
const firestore = await createFirestore(config);
const objects = new ObjectStore(await createStorage(config), config);

ai.defineFlow(
  {
    name: 'analyzeAgain',
    inputSchema: z.object({
      media_id: z.string().optional().describe('of a photo that was stored; else the newest one'),
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
        { ...subject, ...(await sourceOf(record, objects)) },
        { signal, deadline: Date.now() + config.DELIVERY_BUDGET_S * 1_000, onProgress: sendChunk },
      );
    } catch (error) {
      throw withCauses(error);
    }
  },
);

async function find(id: string | undefined): Promise<MediaRecord> {
  const media = firestore.collection(MEDIA_COLLECTION);
  const found = id
    ? await media.where('id', '==', id).get()
    : await media.orderBy('created_at', 'desc').limit(1).get();
  const [record] = found.docs;
  if (!record) throw new Error(id ? `There is no media ${id}.` : 'Nothing was sent yet.');
  return record.data() as MediaRecord;
}

/** The UI shows a message alone: what a person needs to know is in the causes. */
function withCauses(error: unknown): Error {
  const said: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    said.push(each instanceof AppError ? `${each.code}: ${each.message}` : each.message);
  }
  return new Error(said.join('\n'), { cause: error });
}
