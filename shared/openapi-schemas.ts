/** The schemas of the API by name, as JSON Schema. zod writes them; what says nothing to a reader is taken out. */
import { z } from 'zod';
import { analyticsSchema, usageSchema } from './analytics.ts';
import {
  analysisListSchema,
  analyzeMediaResponseSchema,
  askSchema,
  closeUploadsResponseSchema,
  createUploadsResponseSchema,
  createUploadsSchema,
  mediaListSchema,
  signedUrlSchema,
  uploadMediaResponseSchema,
  usageReportSchema,
} from './api.ts';
import { binListSchema, deletedSchema, deleteManySchema, restoredSchema } from './bin.ts';
import {
  problemAnswerSchema,
  streamDoneSchema,
  streamProblemSchema,
  streamRemovedSchema,
  streamSinceSchema,
} from './contract-shapes.ts';
import { editMediaSchema } from './edits.ts';
import { errorCodeSchema } from './errors.ts';
import { exportManySchema } from './export.ts';
import { createImportSchema, importListSchema, importSchema } from './imports.ts';
import { locationListSchema } from './locations.ts';
import { manySchema } from './many.ts';
import { mediaSchema } from './media.ts';
import {
  createReanalysisSchema,
  earlierResultsSchema,
  reanalysisListSchema,
  reanalysisSchema,
} from './reanalyses.ts';
import { monthListSchema } from './search.ts';
import {
  createWebhookSchema,
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  webhookListSchema,
  webhookPayloadSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from './webhooks.ts';

export type Schema = { [keyword: string]: unknown };

/** What callers send, by name. */
const ASKED_SCHEMAS = {
  Ask: askSchema,
  CreateImport: createImportSchema,
  CreateReanalysis: createReanalysisSchema,
  AnnounceFile: createUploadsSchema.shape.files.element,
  CreateUploads: createUploadsSchema,
  CreateWebhook: createWebhookSchema,
  DeleteMany: deleteManySchema,
  EditMedia: editMediaSchema,
  ExportMany: exportManySchema,
  Many: manySchema,
};

const [mediaEnded, analysisCompleted, batchCompleted] = webhookPayloadSchema.options;

/**
 * What they get, by name, and the objects within that a program passes around: a client that a tool makes has a type for each.
 * None is named as an operation with `Response` after it: so tools name what they make of an operation.
 */
const ANSWERED_SCHEMAS = {
  AcceptedFile: uploadMediaResponseSchema,
  AcceptedFiles: analyzeMediaResponseSchema,
  Analysis: analysisListSchema.shape.analyses.element,
  AnalysisCompleted: analysisCompleted,
  AnalysisList: analysisListSchema,
  AnalysisResult: mediaSchema.shape.analyses.unwrap().valueType,
  Analytics: analyticsSchema,
  AnnouncedFile: createUploadsResponseSchema.shape.uploads.element,
  AnnouncedFiles: createUploadsResponseSchema,
  BatchCompleted: batchCompleted,
  BinList: binListSchema,
  BinnedMedia: binListSchema.shape.media.element,
  ClosedUploads: closeUploadsResponseSchema,
  Color: analyticsSchema.shape.colors.element,
  Correction: mediaListSchema.shape.corrected.unwrap().element,
  Deleted: deletedSchema,
  DetectedObject: analyticsSchema.shape.objects.element,
  EarlierResult: earlierResultsSchema.shape.results.element,
  EarlierResults: earlierResultsSchema,
  ErrorCode: errorCodeSchema,
  Import: importSchema,
  ImportFailure: importSchema.shape.failures.element,
  ImportList: importListSchema,
  Frame: mediaSchema.shape.frames.unwrap().element,
  LocationList: locationListSchema,
  Media: mediaSchema,
  MediaEnded: mediaEnded,
  MediaList: mediaListSchema,
  Month: monthListSchema.shape.months.element,
  MonthList: monthListSchema,
  MediaLocation: locationListSchema.shape.locations.element,
  ModelUsage: usageReportSchema.shape.models.element,
  NotDone: deletedSchema.shape.failed.element,
  Problem: problemAnswerSchema,
  Reanalysis: reanalysisSchema,
  ReanalysisList: reanalysisListSchema,
  RejectedFile: analyzeMediaResponseSchema.shape.rejected.element,
  Restored: restoredSchema,
  SignedUrl: signedUrlSchema,
  StreamDone: streamDoneSchema,
  StreamProblem: streamProblemSchema,
  StreamRemoved: streamRemovedSchema,
  StreamSince: streamSinceSchema,
  Usage: usageSchema,
  UsageReport: usageReportSchema,
  Webhook: webhookSchema,
  WebhookAttempt: webhookDeliverySchema.shape.attempts.element,
  WebhookDelivery: webhookDeliverySchema,
  WebhookDeliveryList: webhookDeliveryListSchema,
  WebhookList: webhookListSchema,
  WebhookPayload: webhookPayloadSchema,
  WebhookWithSecret: webhookWithSecretSchema,
};

const NAMES = new Map<z.ZodType, string>(
  Object.entries({ ...ASKED_SCHEMAS, ...ANSWERED_SCHEMAS }).map(([name, schema]) => [schema, name]),
);

/** @param strict Whether answers may have no field that is not described. */
export const componentSchemas = (strict: boolean): Record<string, Schema> => ({
  ...schemasOf(ASKED_SCHEMAS, 'input'),
  ...schemasOf(ANSWERED_SCHEMAS, 'output', strict),
});

export const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** By its name: a schema of a body or an answer without one would be written out in each place. */
export function schemaOf(schema: z.ZodType): Schema {
  const name = NAMES.get(schema);
  if (name === undefined)
    throw new Error('Give this schema a name, in ASKED_SCHEMAS or ANSWERED_SCHEMAS.');
  return reference(name);
}

type Direction = 'input' | 'output';

function schemasOf(
  named: Record<string, z.ZodType>,
  io: Direction,
  strict = true,
): Record<string, Schema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { io, uri });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, plain(schema, strict)]),
  );
}

export function jsonSchema(schema: z.ZodType, io: Direction): Schema {
  return plain(z.toJSONSchema(schema, { io }), true);
}

/**
 * Without what says nothing to a reader: names for zod itself, the limits of JavaScript's numbers, and the pattern of a
 * `format` that everybody knows.
 */
function plain(schema: object, strict: boolean): Schema {
  const text = JSON.stringify(schema, (key, value: unknown) => {
    if (key === '$schema' || key === '$id') return undefined;
    if (Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) return undefined;
    if (isDateTime(value)) return { ...value, pattern: undefined };
    return key === 'additionalProperties' && value === false && !strict ? undefined : value;
  });
  return JSON.parse(text) as Schema;
}

function isDateTime(value: unknown): value is Schema {
  return typeof value === 'object' && (value as Schema | null)?.format === 'date-time';
}
