/** Which analyses a caller may ask for, and what a caller has to say for each. */
import { type AnalysisInfo, analysisNamesSchema, askSchema } from '@media-analysis/shared/analyses';
import { AppError } from '@media-analysis/shared/errors';
import { z } from 'zod';
import {
  ANALYSES,
  type AnalysisDefinition,
  analysisOf,
  DESCRIBE,
  isOffered,
} from '../../analysis/catalog/analyses.ts';
import { parse } from '../../http/body.ts';

const chosenSchema = z.object({ analyses: analysisNamesSchema });

/** @param model The model of the deployment. */
export function listAnalyses(model: string): AnalysisInfo[] {
  return ANALYSES.map((analysis) => {
    const {
      name,
      title,
      description,
      translations = {},
      input,
      required,
      output,
      version,
    } = analysis;
    return {
      name,
      title,
      description,
      translations,
      input,
      required: [...required],
      output,
      version,
      offered: isOffered(analysis, model),
    };
  });
}

/**
 * The analyses that new media get.
 * @param text The field of a form, such as `describe,receipt`; undefined: `describe`.
 * @throws {AppError} `invalid_request`, `analysis_not_offered`
 */
export function chosenAnalyses(text: string | undefined, model: string): string[] {
  if (text === undefined) return [DESCRIBE];
  const names = text.split(',').map((name) => name.trim());
  const { analyses } = parse(chosenSchema, { analyses: names });
  return checkChosen(analyses, model);
}

/** The same for names that are checked already. */
export function checkChosen(names: readonly string[], model: string): string[] {
  const chosen = [...new Set(names)];
  for (const name of chosen) {
    const { required } = offered(name, model);
    if (required.length === 0) continue;
    throw new AppError(
      'invalid_request',
      `analyses: "${name}" needs ${required.join(', ')}. Ask for it when the file is stored: POST /api/media/{id}/analyses/${name}.`,
    );
  }
  // The page shows `describe` first, so it is made first.
  return chosen.sort((a, b) => Number(b === DESCRIBE) - Number(a === DESCRIBE));
}

/**
 * Reads the input of one analysis.
 * @param body As `askSchema` says; undefined for an empty one.
 * @param instead The model that is asked in place of that of the deployment, or of the analysis.
 * @throws {AppError} `not_found`, `invalid_request`, `analysis_not_offered`
 */
export function readAsked(name: string, body: unknown, model: string, instead?: string) {
  const { input: fields, required } = offered(name, model, instead);
  const { input, language } = parse(askSchema, body ?? {});
  const schema = z.fromJSONSchema({
    type: 'object',
    properties: fields,
    required: [...required],
    additionalProperties: false,
  } as Parameters<typeof z.fromJSONSchema>[0]);
  const given = parse(z.object({ input: schema }), { input }).input as Record<string, unknown>;
  const empty = required.find((field) => String(given[field]).trim() === '');
  if (empty !== undefined) throw new AppError('invalid_request', `input.${empty}: is empty.`);
  return { name, input: given, ...(language !== undefined && { language }) };
}

/** For a fingerprint. It stays as it was for requests that do not choose, also while a release is being deployed. */
export function others(names: readonly string[]): string[] {
  return names.length === 1 && names[0] === DESCRIBE ? [] : [...names];
}

function offered(name: string, model: string, instead?: string): AnalysisDefinition {
  const analysis = analysisOf(name);
  if (!analysis) {
    const names = ANALYSES.map((each) => each.name).join(', ');
    throw new AppError('not_found', `There is no analysis "${name}". There are: ${names}.`);
  }
  const asked = instead === undefined ? analysis : { ...analysis, model: instead };
  if (!isOffered(asked, model)) {
    throw new AppError(
      'analysis_not_offered',
      `"${name}" needs a model that follows instructions, and this service has ${instead ?? model}.`,
    );
  }
  return analysis;
}
