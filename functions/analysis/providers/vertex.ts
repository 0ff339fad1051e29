/** Vertex AI: `vertexai/NAME`, with the service account of the worker. */
import { googleAuth } from '../../process/clients.ts';
import { untilAborted } from '../../process/time-limit.ts';
import { EXAMPLE_GEMINI } from '../catalog/model-name.ts';
import { geminiProfile } from './gemini-models.ts';
import { callConfig } from './google-call.ts';
import { isFreeGoogleError, readGoogleError } from './google-errors.ts';
import { lookUpModel } from './lookup.ts';
import type { Provider } from './provider.ts';

export const vertex: Provider = {
  id: 'vertexai',
  profile: (name) => geminiProfile('vertexai', name),
  async plugin({ project, location }) {
    const { vertexAI } = await import('@genkit-ai/googleai');
    return vertexAI({ ...(project && { projectId: project }), ...(location && { location }) });
  },
  /** The plugin sends a header: https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/flex-paygo */
  callConfig: (profile, wish) => ({
    ...callConfig(profile, wish),
    ...(wish.tier && { payGo: wish.tier }),
  }),
  readError: readGoogleError,
  isFreeOfCharge: isFreeGoogleError,
  reader: async () => (await import('./google-reader.ts')).googleReader,
  /**
   * https://docs.cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/publishers.models/get, in the location that will be
   * used, because not all locations have all models. The answer does not tell when a model ends.
   */
  async exists(name, { location = 'global' }, signal) {
    // Google's client accepts no signal when it fetches a token.
    const token = await untilAborted(
      googleAuth().then((auth) => auth.getAccessToken()),
      signal,
    );
    const host =
      location === 'global'
        ? 'aiplatform.googleapis.com'
        : `aiplatform.${location}.rep.googleapis.com`;
    return lookUpModel(
      `https://${host}/v1beta1/publishers/google/models/${name}`,
      { authorization: `Bearer ${token}` },
      signal,
    );
  },
  advice: {
    noAccess:
      'Give the account of the worker the right to ask the model; the error says which is missing.',
    unpaid:
      'Raise the spend cap or fill up the balance, or enable billing: https://console.cloud.google.com/billing.',
    example: `vertexai/${EXAMPLE_GEMINI} (see VERTEX_LOCATION too)`,
  },
};
