/** The texts of the API's document, from all features. No unit loads this file at its start. */
import { z } from 'zod';
import { analysisDocs } from './analyses.ts';
import { binDocs } from './bin.ts';
import type { Operation } from './contract.ts';
import { documentDocs } from './document.ts';
import { errorCodeSchema, problemSchema } from './errors.ts';
import { streamDocs } from './event-streams.ts';
import { exportDocs } from './export.ts';
import { importDocs } from './imports.ts';
import { largeUploadDocs } from './large-uploads.ts';
import { libraryDocs } from './library.ts';
import { mediaDocs } from './media.ts';
import { reanalysisDocs } from './reanalyses.ts';
import { resultDocs } from './results.ts';
import type { FeatureDocs, Words } from './routes.ts';
import { searchDocs } from './search.ts';
import { rejectedFileSchema, uploadDocs } from './uploads.ts';
import { usageDocs } from './usage.ts';
import { callbackDocs, webhookDocs } from './webhooks.ts';

/** The introduction of the API's document. */
export const INTRODUCTION = [
  'Photos and videos in, live progress, an AI analysis out.',
  'A caller sends `Authorization: Bearer TOKEN`; for `GET` a token in the cookie `__session` is enough. A backend sends a service key in place of a token, and names the user for whom it acts in `X-On-Behalf-Of`. Everything is JSON with names in snake_case. A parameter or field that is not known is refused.',
  'A refusal is a problem document (RFC 9457) with a stable `code`, and a `detail` for a person: what happened, and what to do now. `type` leads to what this page says of the code. What the platform refuses before it reaches the service, such as a body above 32 MiB, has neither.',
  'Each answer has the header `X-Request-Id`, and each problem the same as `request_id`. The log of the service has it too: name it when you ask for help. It is the id of a trace: a caller that sends a W3C `traceparent` gets the id of its own trace.',
  'Every POST that makes something takes an `Idempotency-Key`: the same request with the same key makes nothing new for a day, and is answered with what it made, as it is now, and the header `Idempotent-Replayed: true`. Another request with that key is refused. HEAD is answered like GET, without a body; only streams refuse it. New fields and events may come at any time: ignore those that you do not know. What breaks waits for a release, which `info.version` of this document names, and is listed under "Breaking" in the changelog.',
].join('\n\n');

export const FEATURES = [
  uploadDocs(),
  largeUploadDocs(),
  searchDocs(),
  exportDocs(),
  libraryDocs(),
  mediaDocs(),
  analysisDocs(),
  resultDocs(),
  binDocs(),
  reanalysisDocs(),
  importDocs(),
  usageDocs(),
  callbackDocs(),
  webhookDocs(),
  streamDocs(),
  documentDocs(),
] as const;

type NamesOf<All> = All extends unknown ? keyof All : never;
type Documented = NamesOf<(typeof FEATURES)[number]['routes']>;

/** The texts of each route. A route without texts is a type error. */
export const WORDS: Record<Operation, Words> = Object.fromEntries(
  FEATURES.flatMap(({ routes, inPath }: FeatureDocs) =>
    Object.entries(routes).map(([name, words]) => [
      name,
      { ...words, inPath: { ...inPath, ...words.inPath } },
    ]),
  ),
) as Record<Documented, Words>;

/** A problem as `toProblem` makes it, with the fields that the units add. */
const problemAnswerSchema = z.object({
  ...problemSchema.shape,
  /** The same as in the header `X-Request-Id`. */
  request_id: z.string(),
  /** The reasons, if every file was rejected. */
  rejected: z.array(rejectedFileSchema).optional(),
  /** With `reanalysis_conflict`: the reanalysis under way. */
  reanalysis_id: z.string().optional(),
});

/** The named schemas of the document. A generated client has a type for each. */
export const ASKED_SCHEMAS = named('askedSchemas');
export const ANSWERED_SCHEMAS = {
  ...named('answeredSchemas'),
  ErrorCode: errorCodeSchema,
  Problem: problemAnswerSchema,
};

function named(which: 'askedSchemas' | 'answeredSchemas'): Record<string, z.ZodType> {
  return Object.fromEntries(
    FEATURES.flatMap((docs: FeatureDocs) => Object.entries(docs[which] ?? {})),
  );
}
