/**
 * Recognises calls that the model's service has not seen: no connection was made, or something else answered. Such a call
 * costs nothing.
 */
import { ForeignAnswerError, UnreachableError } from './errors.ts';

const NO_CONNECTION: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

/** Node refuses such a certificate before it sends anything: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE =
  /^(CERT_|UNABLE_TO_(GET|DECRYPT|DECODE|VERIFY)_|(DEPTH_ZERO_)?SELF_SIGNED_CERT|ERROR_IN_CERT_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$|CRL_|ERR_TLS_CERT_)/;

/** The other side does not speak TLS, or no version that we speak. */
const NO_TLS =
  /^(EPROTO$|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|NO_PROTOCOLS_AVAILABLE|UNSUPPORTED_PROTOCOL|(SSL|TLS)V\w*_(HANDSHAKE_FAILURE|PROTOCOL_VERSION|UNRECOGNIZED_NAME))$|ERR_TLS_)/;
/** Found by its message, because the code is that of any broken connection. */
const BROKEN_HANDSHAKE = /before secure TLS connection was established/;

/** `fetch` refuses such an address without a code: https://fetch.spec.whatwg.org/#port-blocking */
const NOT_ASKED = /^(bad port|unknown scheme|URL scheme must be)/;

/** Words for messages about an address. */
export interface Service {
  /** The setting with its address. */
  setting: string;
  /** The default of the setting. */
  standard: string;
  /** The API at the right address. */
  api: string;
}

const GEMINI: Service = {
  setting: 'GEMINI_BASE_URL',
  standard: 'Google’s own is asked',
  api: 'the Gemini API',
};

function foreignAdvice({ setting, api }: Service): string {
  return `What answers there is not ${api}: a wrong address (${setting}), or a proxy or sign-in page on the way. Correct the address, or let the worker through. What waits goes on by itself.`;
}

/**
 * @param error The error of `fetch`.
 * @returns undefined if a byte of the call may have reached the service
 */
export function unreachable(
  error: Error,
  target: string | URL | Request,
  service = GEMINI,
): UnreachableError | undefined {
  const { code, syscall, message = '' } = (error.cause ?? {}) as Partial<NodeJS.ErrnoException>;
  const whatToDo = adviceFor(code ?? '', message, service);
  const isNever =
    NO_CONNECTION.has(code ?? '') || syscall === 'connect' || syscall === 'getaddrinfo';
  if (whatToDo === undefined && !isNever && !BROKEN_HANDSHAKE.test(message)) return undefined;
  const why = [code, message].filter(Boolean).join(': ');
  return new UnreachableError(`no connection to ${addressOf(target)}: ${why}`, {
    ...(whatToDo !== undefined && { whatToDo }),
    cause: error,
  });
}

function adviceFor(code: string, message: string, { setting, standard }: Service) {
  if (CERTIFICATE.test(code)) {
    return `The certificate of this address is not trusted. If it is that of a proxy of yours, give Node its authority (NODE_EXTRA_CA_CERTS); if the address is wrong, correct it (${setting}). What waits goes on by itself.`;
  }
  const isWrong = NO_TLS.test(code) || code === 'ENOTFOUND' || code === 'ERR_INVALID_URL';
  return isWrong || NOT_ASKED.test(message)
    ? `Correct the address (${setting}; without it, ${standard}). What waits goes on by itself.`
    : undefined;
}

/** Fields in the API's answers: https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
const FIELDS =
  /"(candidates|promptFeedback|usageMetadata|modelVersion|responseId)"\s*:|"error"\s*:\s*\{/;
/** The operator sees this much of a foreign answer. */
const SHOWN = 80;

/**
 * @param body The start of an answer with a good status.
 * @param isEnded The answer ended by itself.
 * @returns undefined if the answer comes from the API, or is broken and may come from it
 */
export function foreignAnswer(
  { status, url, headers }: Pick<Response, 'status' | 'url' | 'headers'>,
  body: string,
  isEnded: boolean,
): ForeignAnswerError | undefined {
  const type = headers.get('content-type') ?? 'no content type';
  // The API begins each answer as events. If nothing else came, we cannot know what it has done.
  const isNothing = body.trim() === '' && (!isEnded || type.startsWith('text/event-stream'));
  const isJson = /^\s*(data:\s*)?[[{]/.test(body);
  if (isNothing || (isJson && FIELDS.test(body) && !/\bhtml\b/.test(type))) return undefined;
  return foreign({ status, url, headers }, body, GEMINI);
}

/** @param body The start of an answer that does not come from `service`. */
export function foreign(
  { status, url, headers }: Pick<Response, 'status' | 'url' | 'headers'>,
  body: string,
  service: Service,
): ForeignAnswerError {
  const type = headers.get('content-type') ?? 'no content type';
  const start = JSON.stringify(body.replace(/\s+/g, ' ').slice(0, SHOWN));
  const message = `no answer of the API from ${addressOf(url)}: status ${status}, ${type}, ${start}`;
  return new ForeignAnswerError(message, { whatToDo: foreignAdvice(service) });
}

/** Without the query, which may be a key. */
function addressOf(target: string | URL | Request): string {
  const url = URL.parse(target instanceof Request ? target.url : String(target));
  return url ? `${url.origin}${url.pathname}` : 'an address that cannot be read';
}
