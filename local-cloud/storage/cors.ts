/**
 * Cross-origin rules of buckets and of upload sessions. A session belongs to the origin that started it.
 * https://cloud.google.com/storage/docs/cross-origin
 *
 * On its JSON API, Cloud Storage answers scripts of every origin, because a token protects the data. This server's JSON API needs
 * no token, so the bucket's rules apply there too. Otherwise any web page that the developer opens could read the data.
 */
import type { z } from 'zod';
import { corsSchema } from './buckets.ts';
import type { Call, Storage } from './call.ts';

type CorsRule = z.infer<typeof corsSchema>[number];

/**
 * The headers that a script may read from the answer to an upload, besides those that CORS always
 * exposes.
 */
const UPLOAD_HEADERS = [
  'Content-Length',
  'Content-Type',
  'ETag',
  'Location',
  'Range',
  'X-GUploader-UploadID',
  'x-goog-generation',
  'x-goog-hash',
  'x-goog-metageneration',
  'x-goog-stored-content-length',
];

/** The rules for a request to `bucket`; none if the request does not come from a page. */
export function corsRulesOf(storage: Storage, { query, req }: Call, bucket: string): CorsRule[] {
  if (req.headers.origin === undefined) return [];
  const rules = corsSchema.safeParse(storage.buckets.find(bucket)?.metadata.cors).data ?? [];
  const origin = storage.uploads.find(query.get('upload_id') ?? '')?.origin;
  return origin ? [sessionRule(origin), ...rules] : rules;
}

/** If a rule allows it, sets the headers that let the page at `Origin` read the answer. */
export function allowOrigin({ req, res, method }: Call, rules: CorsRule[]): void {
  const rule = matchingRule(rules, req.headers.origin, method);
  if (!rule) return;
  setOrigin({ req, res }, rule);
  const exposed = rule.responseHeader.includes('*') ? UPLOAD_HEADERS : rule.responseHeader;
  if (exposed.length > 0) res.setHeader('Access-Control-Expose-Headers', exposed.join(', '));
}

/** Answers a preflight. If no rule allows the request, the answer has no CORS headers. */
export function answerPreflight({ req, res }: Call, rules: CorsRule[]): void {
  const method = req.headers['access-control-request-method'];
  const rule = matchingRule(rules, req.headers.origin, method);
  if (rule) {
    setOrigin({ req, res }, rule);
    const requested = req.headers['access-control-request-headers'];
    const any = rule.responseHeader.includes('*');
    const allowed = any ? requested : rule.responseHeader.join(', ');
    res.setHeader(
      'Access-Control-Allow-Methods',
      rule.method.includes('*') ? (method ?? '') : rule.method.join(', '),
    );
    if (allowed) res.setHeader('Access-Control-Allow-Headers', allowed);
    res.setHeader('Access-Control-Max-Age', rule.maxAgeSeconds);
  }
  res.writeHead(200, { 'Content-Length': 0 });
  res.end();
}

function matchingRule(
  rules: CorsRule[],
  origin: string | undefined,
  method: string | undefined,
): CorsRule | undefined {
  if (origin === undefined || method === undefined) return undefined;
  return rules.find(
    (rule) =>
      (rule.origin.includes('*') || rule.origin.includes(origin)) &&
      (rule.method.includes('*') || rule.method.includes(method)),
  );
}

function setOrigin({ req, res }: Pick<Call, 'req' | 'res'>, rule: CorsRule): void {
  const any = rule.origin.includes('*');
  res.setHeader('Access-Control-Allow-Origin', any ? '*' : (req.headers.origin ?? ''));
  if (!any) res.setHeader('Vary', 'Origin');
}

function sessionRule(origin: string): CorsRule {
  return { origin: [origin], method: ['*'], responseHeader: ['*'], maxAgeSeconds: 3600 };
}
