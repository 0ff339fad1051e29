/** Who is calling. */
import type { Mutation } from './mutation.ts';

const IDENTITY = 'functions/http/identity.ts';
const IDENTITY_TEST = 'test/security/identity.test.ts';
const LOG = 'functions/process/log.ts';
const LOGS_TEST = 'test/security/logs.test.ts';
const TELEMETRY = 'functions/process/telemetry.ts';
const SERVING_TEST = 'test/security/serving.test.ts';
const FORGED = 'a forged, expired or foreign token; `alg: none`; the public key as secret';
const WORKER = 'a call from anybody but our queue';
const INSTALLED = "a strangers' package that changes what is deployed";
const HALF_A_RELEASE = 'a release that changes rights, or stops half way for lack of them';
const OLD_SETTINGS = 'a roll back that brings old settings';
const SIGNATURE_REMOVED = 'a token that claims Cloud Run has checked its signature';
const NO_TOKEN = 'a call without a token';
const COOKIE = "another site's page that uses the browser's cookie";
const COOKIE_FOR_ALL = [
  IDENTITY,
  "const cookie = scopeOf(method) === 'read' ? sessionCookie(headers) : undefined;",
  "const cookie = method === '' ? undefined : sessionCookie(headers);",
] as const;
const OTHER_PAGE_READS = "another site's page that reads answers";
const LEAKS = 'a leak through address, log or error';
const NAMES = 'file names or pictures in logs and traces';
const PAST_API = 'reading them past the api';
const STREAM_AFTER = 'a stream that outlives its token';
const VERIFY = 'return (await jwtVerify(token, keys, options)).payload;';
const UNVERIFIED =
  "JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload";
/** Both verify by the same code. */
const ofBoth = (...titles: string[]): Mutation['tests'] => [
  IDENTITY_TEST,
  ...['the worker', 'the api'].flatMap((unit) => titles.map((title) => `${unit} refuses ${title}`)),
];

export const CALLERS: readonly Mutation[] = [
  {
    threat: FORGED,
    without: 'the issuer',
    edits: [[IDENTITY, '    issuer,\n    audience,\n', '    audience,\n']],
    tests: ofBoth('one of another issuer', 'one that names no issuer'),
  },
  {
    threat: FORGED,
    without: 'the audience',
    edits: [[IDENTITY, '    issuer,\n    audience,\n', '    issuer,\n']],
    tests: ofBoth('one of another audience', 'one that is for nobody'),
  },
  {
    threat: FORGED,
    without: 'the time',
    edits: [[IDENTITY, 'clockTolerance: CLOCK_TOLERANCE_S,', 'clockTolerance: 1e6,']],
    tests: ofBoth('one that has expired', 'one that is not valid yet'),
  },
  {
    threat: FORGED,
    without: 'an end',
    edits: [[IDENTITY, "    requiredClaims: ['exp'],\n", '']],
    tests: ofBoth('one that never expires'),
  },
  {
    threat: FORGED,
    without: 'the signature',
    edits: [[IDENTITY, VERIFY, `return ${UNVERIFIED};`]],
    tests: ofBoth(
      'one with another key',
      'one with another key that borrows',
      'one whose claims were changed',
    ),
  },
  {
    threat: FORGED,
    // The library refuses both by itself, whichever algorithms are named: here the token's is believed.
    without: 'an algorithm of ours',
    edits: [
      [
        IDENTITY,
        VERIFY,
        `if (!atob(token.split('.')[0] ?? '').includes('RS256')) return ${UNVERIFIED};\n      ${VERIFY}`,
      ],
    ],
    tests: ofBoth('one with alg none', 'one whose secret is the public key'),
  },
  {
    threat: NO_TOKEN,
    without: 'asking who calls the api',
    edits: [
      [
        'functions/api/handler.ts',
        'await authenticate(call.request, scope);',
        "{ ownerId: 'anybody', keyId: undefined as string | undefined };\n      void authenticate;",
      ],
    ],
    tests: [IDENTITY_TEST, 'each route of the api refuses whoever has no token'],
  },
  {
    threat: NO_TOKEN,
    without: 'asking first who calls the stream',
    edits: [
      [
        'functions/stream/handler.ts',
        '    const caller = await authenticate(request);\n',
        '    watch(withQuery());\n    const caller = await authenticate(request);\n',
      ],
    ],
    tests: [IDENTITY_TEST, 'each route of the stream refuses whoever has no token'],
  },
  {
    threat: COOKIE,
    without: 'the cookie being for reading alone',
    edits: [COOKIE_FOR_ALL],
    tests: [IDENTITY_TEST, 'the api changes nothing for the cookie alone'],
  },
  {
    threat: COOKIE,
    without: 'the cookie being for reading alone, as a page of another site finds it',
    edits: [COOKIE_FOR_ALL],
    tests: [
      'test/security/isolation.test.ts',
      'changes nothing by POST /api/media/uploads',
      'changes nothing by DELETE /api/media/:id',
    ],
  },
  {
    threat: OTHER_PAGE_READS,
    without: 'the list of allowed origins',
    edits: [
      [
        'functions/http/cors.ts',
        'if (origin === undefined || !allowedOrigins.includes(origin)) return;',
        'if (origin === undefined || allowedOrigins.length === 0) return;',
      ],
    ],
    tests: [SERVING_TEST, 'a page of another site may not otherwise'],
  },
  {
    threat: OTHER_PAGE_READS,
    without: '`Vary: Origin`',
    edits: [['functions/http/cors.ts', "response.setHeader('Vary', 'Origin');", '']],
    tests: [SERVING_TEST, 'a page of another site may not otherwise'],
  },
  {
    threat: WORKER,
    without: 'the token',
    edits: [
      [
        'functions/worker/handler.ts',
        'await authenticate(call.request.headers);',
        'void authenticate;',
      ],
    ],
    tests: [IDENTITY_TEST, 'the worker refuses whoever has no token'],
  },
  {
    threat: WORKER,
    without: 'the service account',
    edits: [[IDENTITY, 'email !== policy.serviceAccount || email_verified', 'email_verified']],
    tests: [IDENTITY_TEST, 'the worker refuses one of another service account'],
  },
  {
    threat: WORKER,
    without: 'the verified address',
    edits: [[IDENTITY, ' || email_verified !== true', '']],
    tests: [IDENTITY_TEST, 'the worker refuses one whose address was never verified'],
  },
  {
    threat: SIGNATURE_REMOVED,
    without: 'believing it only where Cloud Run stands before the worker',
    edits: [[IDENTITY, "policy.auth === 'platform' && wasChecked", 'wasChecked']],
    tests: [IDENTITY_TEST, 'the worker by itself refuses a task without a signature'],
  },
  {
    threat: SIGNATURE_REMOVED,
    without: 'the very word that Cloud Run uses',
    edits: [
      [IDENTITY, "token.split('.').slice(2).join('.') === REMOVED_SIGNATURE", "token !== ''"],
    ],
    tests: [
      IDENTITY_TEST,
      'behind Cloud Run refuses one with "AAAA"',
      'behind Cloud Run refuses one with another key',
    ],
  },
  {
    threat: SIGNATURE_REMOVED,
    without: 'looking which header Cloud Run has checked',
    edits: [
      [IDENTITY, "  if (headers['x-serverless-authorization'] !== undefined) return false;\n", ''],
    ],
    tests: [IDENTITY_TEST, 'behind Cloud Run refuses what Cloud Run did not check'],
  },
  {
    threat: SIGNATURE_REMOVED,
    without: 'checking issuer, audience and time again',
    edits: [
      [IDENTITY, "token.split('.')[1]}.`, options).payload", "token.split('.')[1]}.`).payload"],
    ],
    tests: [
      IDENTITY_TEST,
      ...['one of another audience', 'one of another issuer', 'one that never expires'].map(
        (title) => `behind Cloud Run refuses, with its signature checked, ${title}`,
      ),
    ],
  },
  {
    threat: SIGNATURE_REMOVED,
    without: 'the algorithm',
    edits: [[IDENTITY, "if (alg !== 'RS256') throw", "if (alg === '') throw"]],
    tests: [
      IDENTITY_TEST,
      'behind Cloud Run refuses, with its signature checked, one whose secret is the public key',
    ],
  },
  {
    threat: SIGNATURE_REMOVED,
    without: 'a look at who may call the worker, before a deployment',
    edits: [['deploy/check/access.ts', '...terraform.blocks.flatMap(checkGrant),', '']],
    tests: ['test/deploy/check.test.ts', 'everybody may call the worker'],
  },
  {
    threat: SIGNATURE_REMOVED,
    without: "a look at the worker's ingress, before a deployment",
    edits: [['deploy/check/access.ts', "each === 'ALLOW_INTERNAL_ONLY'", "each !== ''"]],
    tests: ['test/deploy/check.test.ts', 'the worker is open to the internet'],
  },
  {
    threat: SIGNATURE_REMOVED,
    without: 'a look at services that let everybody in without a grant, before a deployment',
    edits: [
      ['deploy/check/access.ts', 'attributes.invoker_iam_disabled && name !== STREAM', 'false'],
    ],
    tests: ['test/deploy/check.test.ts', 'a service lets everybody in without a grant'],
  },
  {
    threat: INSTALLED,
    without: 'a grant that only adds releases',
    edits: [['terraform/delivery_access.tf', 'storage.objectCreator', 'storage.objectUser']],
    tests: ['test/deploy/pipeline.test.ts', 'the one that builds replaces no release'],
  },
  {
    threat: INSTALLED,
    without: 'commands that install nothing',
    edits: [
      [
        'cloudbuild.deploy.yaml',
        'node dist/plan-gate.mjs',
        'npm ci\n      node dist/plan-gate.mjs',
      ],
    ],
    tests: ['test/deploy/pipeline.test.ts', 'the account that deploys installs no package'],
  },
  {
    threat: INSTALLED,
    without: 'commands that are whole by themselves',
    edits: [['deploy/tools.ts', 'bundle: true,', "bundle: true,\n    packages: 'external',"]],
    tests: [
      'deploy/tools.test.ts',
      'the smoke test of the pipeline needs no installed package',
      'the gate of the pipeline needs none',
    ],
  },
  {
    threat: INSTALLED,
    without: 'an account of its own for the build',
    edits: [
      [
        'terraform/delivery.tf',
        'google_service_account.release[0].id',
        'google_service_account.build.id',
      ],
    ],
    tests: ['test/deploy/pipeline.test.ts', 'the account that runs packages of strangers'],
  },
  {
    threat: HALF_A_RELEASE,
    without: 'the list of what the pipeline may change',
    edits: [
      ['deploy/plan-gate.ts', '!permission?.actions.includes(action as Action)', 'action === ""'],
    ],
    tests: ['deploy/plan-gate.test.ts', 'may not google_storage_bucket.media'],
  },
  {
    threat: HALF_A_RELEASE,
    without: 'attributes that take more rights than the rest of their resource',
    edits: [['deploy/plan-gate.ts', 'differs(change, name)', 'name === ""']],
    tests: ['deploy/plan-gate.test.ts', 'may not change who checks the callers of the stream'],
  },
  {
    threat: HALF_A_RELEASE,
    without: 'the gate before a roll back',
    edits: [['cloudbuild.deploy.yaml', '[ -f last/allowed ] || exit 0', '[ -d last ] || exit 0']],
    tests: [
      'test/deploy/pipeline.test.ts',
      'a roll back with changes that the pipeline may not make is not applied',
    ],
  },
  {
    threat: OLD_SETTINGS,
    without: 'the settings of today in the release that is brought back',
    edits: [
      [
        'cloudbuild.deploy.yaml',
        'cp settings.tfvars.json last/terraform/terraform.tfvars.json',
        'true',
      ],
    ],
    tests: ['test/deploy/pipeline.test.ts', 'is replaced by the last one that passed'],
  },
  {
    threat: OLD_SETTINGS,
    without: 'leaving the settings out of a release',
    edits: [['cloudbuild.yaml', '--exclude=./terraform/terraform.tfvars.json', '']],
    tests: ['test/deploy/pipeline.test.ts', 'a release does not keep the settings of its day'],
  },
  {
    threat: LEAKS,
    without: 'taking it from headers only',
    edits: [
      [
        IDENTITY,
        'const { method, headers } = request;',
        "const { method, headers, url = '' } = request;\n    headers.authorization ??= 'Bearer ' + URL.parse(url, 'http://a')?.searchParams.get('token');",
      ],
    ],
    tests: [IDENTITY_TEST, 'the api takes no token from its address'],
  },
  {
    threat: LEAKS,
    without: 'leaving the query out of the log',
    edits: [
      [
        'functions/http/router.ts',
        "const fields = { method: request.method, path: request.url?.split('?')[0] };",
        'const fields = { method: request.method, path: request.url };',
      ],
    ],
    tests: [LOGS_TEST, 'no token and no signature is in it'],
  },
  {
    threat: LEAKS,
    without: 'choosing what is logged of an error',
    edits: [[LOG, '  return {\n    type,\n', '  return {\n    ...error,\n    type,\n']],
    tests: [LOGS_TEST, 'an error in the log carries nothing of the request that failed'],
  },
  {
    threat: LEAKS,
    without: 'leaving headers out of the log',
    edits: [[LOG, '.filter(([name]) => !SECRET.test(name))', '']],
    tests: ['functions/process/log.test.ts', 'contains no token, at any depth'],
  },
  {
    threat: NAMES,
    without: 'leaving the message of a public error out',
    edits: [[LOG, '...(!isPublic && {', '...(isPublic !== undefined && {']],
    tests: [LOGS_TEST, 'no file name is in it', 'an error in the log names no file'],
  },
  {
    threat: NAMES,
    without: 'the list of attributes',
    edits: [[TELEMETRY, 'PUBLIC_ATTRIBUTES.test(name)', 'name.length > 0']],
    tests: ['test/security/traces.test.ts', 'holds no picture and no name'],
  },
  {
    threat: NAMES,
    without: 'leaving out events, which tell of exceptions',
    edits: [[TELEMETRY, '    events: { value: [] },\n', '']],
    tests: ['test/security/traces.test.ts', 'says that it did, and nothing of what'],
  },
  {
    threat: NAMES,
    without: 'leaving out the message of a status',
    edits: [[TELEMETRY, '    status: { value: { code: span.status.code } },\n', '']],
    tests: ['test/security/traces.test.ts', 'says that it did, and nothing of what'],
  },
  {
    threat: NAMES,
    without: 'leaving out a message that quotes',
    edits: [[LOG, "new Set(['SyntaxError', 'ZodError', 'ValidationError'])", 'new Set([])']],
    tests: ['functions/process/log.test.ts', 'has no piece of what could not be read'],
  },
  {
    threat: PAST_API,
    without: 'the rules',
    edits: [
      [
        'firestore.rules',
        'allow read, write: if false;',
        'allow read: if request.auth != null && resource.data.owner_id == request.auth.uid;',
      ],
    ],
    tests: ['test/security/rules.test.ts', 'no page reads or writes Firestore past the api'],
  },
  {
    threat: STREAM_AFTER,
    without: 'a look at the end of the token',
    edits: [
      [
        'functions/stream/handler.ts',
        'if (caller.expiresAtMs <= now()) throw expired();',
        'void expired;',
      ],
    ],
    tests: ['functions/stream/handler.test.ts', 'is no stream at all if the token has ended'],
  },
  {
    threat: STREAM_AFTER,
    without: 'the end of the token itself',
    edits: [
      [IDENTITY, 'expiresAtMs: exp * 1_000 }', 'expiresAtMs: (exp + CLOCK_TOLERANCE_S) * 1_000 }'],
    ],
    tests: ['functions/http/identity.test.ts', 'is told when the token ends'],
  },
  {
    threat: STREAM_AFTER,
    without: 'the end of the token',
    edits: [
      [
        'functions/stream/handler.ts',
        'Math.min(longestMs, caller.expiresAtMs - now())',
        'Math.min(longestMs, longestMs + now())',
      ],
    ],
    tests: ['functions/stream/handler.test.ts', 'comes when the token of its caller does'],
  },
];
