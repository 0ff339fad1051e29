/**
 * The analyses of this deployment: what a model can be asked about a media. Each is a file of `analyses/`, from which
 * `npm run analyses` makes `analyses.gen.ts`.
 */
import { DEFINITIONS } from './analyses.gen.ts';
import { type AnalysisDefinition, DESCRIBE } from './analysis-definition.ts';
import { providerOf } from './model-name.ts';

export { type AnalysisDefinition, DESCRIBE } from './analysis-definition.ts';

/** All analyses, in the order of their names. */
export const ANALYSES: readonly AnalysisDefinition[] = DEFINITIONS;

/** Analyses that `local/vision` can make, although it follows no prompt. `local/facts` looks at no picture. */
const BY_LOCAL_VISION: ReadonlySet<string> = new Set([DESCRIBE, 'alt-text', 'receipt']);

/**
 * Whether an analysis can be made in this deployment.
 * @param model The model of the deployment, for analyses that name none.
 */
export function isOffered(
  analysis: Pick<AnalysisDefinition, 'name' | 'model'>,
  model: string,
): boolean {
  const asked = analysis.model ?? model;
  if (providerOf(asked) !== 'local' || analysis.name === DESCRIBE) return true;
  return asked === 'local/vision' && BY_LOCAL_VISION.has(analysis.name);
}

/** The models that files of `analyses/` name. */
export const NAMED_MODELS: readonly string[] = [
  ...new Set(ANALYSES.flatMap(({ model }) => model ?? [])),
];

/** @example analysisOf('receipt')?.version // 'receipt-1f0a2b3c' */
export function analysisOf(name: string): AnalysisDefinition | undefined {
  return ANALYSES.find((analysis) => analysis.name === name);
}
