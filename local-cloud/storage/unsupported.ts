/**
 * Features that this server does not implement. If it accepted such a request, it would promise something false: a hold that
 * holds nothing, a key that encrypts nothing. So it refuses each of them by name.
 */
import type { IncomingMessage } from 'node:http';
import { StorageError } from './errors.ts';

/** https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
const BUCKET_FIELDS = [
  ...['acl', 'autoclass', 'billing', 'defaultEventBasedHold', 'defaultObjectAcl', 'encryption'],
  ...['ipFilter', 'logging', 'objectRetention', 'retentionPolicy', 'rpo', 'website'],
];

/** https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
const OBJECT_FIELDS = [
  ...['acl', 'contexts', 'customerEncryption', 'eventBasedHold', 'kmsKeyName', 'retention'],
  'temporaryHold',
];

const PARAMETERS = [
  ...['copySourceAcl', 'enableObjectRetention', 'filter', 'includeTrailingDelimiter'],
  ...['kmsKeyName', 'destinationKmsKeyName', 'overrideUnlockedRetention', 'predefinedAcl'],
  ...['predefinedDefaultObjectAcl', 'destinationPredefinedAcl'],
  // Parts of a resource that the XML API names in the query.
  ...['acl', 'compose', 'encryption', 'legal-hold', 'partNumber', 'retention', 'tagging'],
  ...['uploadId', 'uploads'],
];

const HEADER =
  /^x-goog-(acl|copy-source|encryption-.*|copy-source-encryption-.*|grant-.*|metadata-directive|object-lock-.*)$/;

/** Values that change nothing: nothing here is public, and nothing is copied elsewhere. */
const HARMLESS = ['', 'false', 'False', 'private', 'projectPrivate', 'project-private', 'DEFAULT'];

/** @throws {StorageError} 501 if the query or a header asks for a missing feature */
export function refuseUnsupported({
  query,
  req,
}: {
  query: URLSearchParams;
  req: IncomingMessage;
}): void {
  for (const name of PARAMETERS) {
    const value = query.get(name);
    if (value !== null && !HARMLESS.includes(value)) throw notDone(`the parameter ${name}`);
  }
  for (const [name, value] of Object.entries(req.headers)) {
    if (HEADER.test(name) && !HARMLESS.includes(String(value))) throw notDone(`the header ${name}`);
  }
}

/** @throws {StorageError} 501 if a bucket resource asks for a missing feature */
export function refuseUnsupportedInBucket(resource: object): void {
  refuseFields(resource, BUCKET_FIELDS);
}

/** @throws {StorageError} 501 if an object resource asks for a missing feature */
export function refuseUnsupportedInObject(resource: object): void {
  refuseFields(resource, OBJECT_FIELDS);
}

function refuseFields(resource: object, fields: readonly string[]): void {
  const asked = Object.entries(resource).find(
    ([name, value]) => fields.includes(name) && asksForSomething(value),
  );
  if (asked) throw notDone(`the field ${asked[0]}`);
}

/** `null`, `false`, `{}` and `{enabled: false}` ask for nothing. */
function asksForSomething(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).some(asksForSomething);
  }
  return Boolean(value) && !HARMLESS.includes(String(value));
}

function notDone(what: string): StorageError {
  return new StorageError(
    'notImplemented',
    `The local storage does not implement ${what}. Leave it out.`,
  );
}
