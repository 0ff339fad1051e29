/**
 * The errors of Cloud Storage: one table for both of its error formats.
 * https://cloud.google.com/storage/docs/json_api/v1/status-codes
 * https://cloud.google.com/storage/docs/xml-api/reference-status
 */
interface ErrorKind {
  status: number;
  /** `error.errors[].reason` of the JSON API. */
  reason: string;
  /** `<Code>` of the XML API. */
  xmlCode: string;
}

const KINDS = {
  invalid: { status: 400, reason: 'invalid', xmlCode: 'InvalidArgument' },
  required: { status: 400, reason: 'required', xmlCode: 'InvalidArgument' },
  parseError: { status: 400, reason: 'parseError', xmlCode: 'InvalidArgument' },
  badDigest: { status: 400, reason: 'invalid', xmlCode: 'BadDigest' },
  entityTooLarge: { status: 400, reason: 'uploadTooLarge', xmlCode: 'EntityTooLarge' },
  entityTooSmall: { status: 400, reason: 'invalid', xmlCode: 'EntityTooSmall' },
  expiredToken: { status: 400, reason: 'invalid', xmlCode: 'ExpiredToken' },
  malformedSecurityHeader: { status: 400, reason: 'invalid', xmlCode: 'MalformedSecurityHeader' },
  accessDenied: { status: 403, reason: 'forbidden', xmlCode: 'AccessDenied' },
  signatureDoesNotMatch: { status: 403, reason: 'forbidden', xmlCode: 'SignatureDoesNotMatch' },
  bucketNotFound: { status: 404, reason: 'notFound', xmlCode: 'NoSuchBucket' },
  objectNotFound: { status: 404, reason: 'notFound', xmlCode: 'NoSuchKey' },
  uploadNotFound: { status: 404, reason: 'notFound', xmlCode: 'NoSuchUpload' },
  methodNotAllowed: { status: 405, reason: 'methodNotAllowed', xmlCode: 'MethodNotAllowed' },
  bucketExists: { status: 409, reason: 'conflict', xmlCode: 'BucketAlreadyOwnedByYou' },
  bucketNotEmpty: { status: 409, reason: 'conflict', xmlCode: 'BucketNotEmpty' },
  uploadExpired: { status: 410, reason: 'gone', xmlCode: 'NoSuchUpload' },
  conditionNotMet: { status: 412, reason: 'conditionNotMet', xmlCode: 'PreconditionFailed' },
  rangeNotSatisfiable: {
    status: 416,
    reason: 'requestedRangeNotSatisfiable',
    xmlCode: 'InvalidRange',
  },
  uploadCancelled: { status: 499, reason: 'clientClosedRequest', xmlCode: 'RequestCancelled' },
  internal: { status: 500, reason: 'internalError', xmlCode: 'InternalError' },
  notImplemented: { status: 501, reason: 'notImplemented', xmlCode: 'NotImplemented' },
  diskFull: { status: 507, reason: 'insufficientStorage', xmlCode: 'InsufficientStorage' },
  offsetTooHigh: { status: 503, reason: 'backendError', xmlCode: 'ServiceUnavailable' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorKindName = keyof typeof KINDS;

/** An error that a client receives. Only the XML API shows `details`. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly kind: ErrorKindName;
  readonly details: Record<string, string>;

  constructor(kind: ErrorKindName, message: string, details: Record<string, string> = {}) {
    super(message);
    this.kind = kind;
    this.details = details;
  }

  get status(): number {
    return KINDS[this.kind].status;
  }
}

/** Thrown if `ifGenerationNotMatch` or `If-None-Match` shows that the reader already has the content. */
export class NotModified extends Error {
  override readonly name = 'NotModified';
}

export const noSuchBucket = () =>
  new StorageError('bucketNotFound', 'The specified bucket does not exist.');

export const noSuchObject = (bucket: string, name: string) =>
  new StorageError('objectNotFound', `No such object: ${bucket}/${name}`);

/** The error in the JSON API's format. */
export function toJsonError({ kind, message }: StorageError): object {
  const { status, reason } = KINDS[kind];
  const where =
    kind === 'conditionNotMet' ? { locationType: 'header', location: 'If-Match' } : undefined;
  return {
    error: { code: status, message, errors: [{ message, domain: 'global', reason, ...where }] },
  };
}

/** The error in the XML API's format. */
export function toXmlError({ kind, message, details }: StorageError): string {
  const extra = Object.entries(details).map(([tag, text]) => `<${tag}>${escapeXml(text)}</${tag}>`);
  return `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${KINDS[kind].xmlCode}</Code><Message>${escapeXml(message)}</Message>${extra.join('')}</Error>`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
