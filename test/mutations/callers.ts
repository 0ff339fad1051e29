/** Who is calling. */
import type { Mutation } from './mutation.ts';

const IDENTITY = 'functions/http/identity.ts';
const IDENTITY_TEST = 'test/security/identity.test.ts';
const LOG = 'functions/process/log.ts';
const LOGS_TEST = 'test/security/logs.test.ts';
const TELEMETRY = 'functions/process/telemetry.ts';
const GATEWAY = 'local/gateway.ts';
const GATEWAY_TEST = 'local/gateway.test.ts';
const THIS_MACHINE = 'local/base/this-machine.ts';
const PORTS_TEST = 'test/security/local-ports.test.ts';
const SERVING_TEST = 'test/security/serving.test.ts';

const FORGED =
  'a token that is forged, expired, or meant for somebody else; `alg: none`; the public key as a secret';
const WORKER = 'being called by anybody but our queue';
const INSTALLED =
  'a package of strangers that the pipeline installs, and that changes what is deployed';
const HALF_A_RELEASE =
  'a release that changes who may do what, or that stops half way because its account may not go on';
const OLD_SETTINGS =
  'a roll back that brings old settings along, such as a higher limit in dollars or open sign-up';
const SIGNATURE_REMOVED = 'a token whose signature says that Cloud Run has checked it';
const NO_TOKEN = 'a call without a token';
const COOKIE = 'a page of another site that makes a browser send its cookie';
const COOKIE_FOR_ALL = [
  IDENTITY,
  "const cookie = method === 'GET' ? sessionCookie(headers) : undefined;",
  "const cookie = method === '' ? undefined : sessionCookie(headers);",
] as const;
const OTHER_PAGE_READS = 'a page of another site that reads what it is answered';
const LEAKS = 'leaking through an address, a log or an error';
const NAMES = 'file names or pictures in logs and traces';
const LOCAL_USER =
  "another site's page, or a name that was pointed to this machine (DNS rebinding)";
const OTHER_DEVICES =
  'somebody in the same network who uses `npm start`, by an address or by a name pointed to it';
const NETWORK = 'local/network.ts';
const NETWORK_TEST = 'test/security/network.test.ts';
const DEV_PAGES =
  'a page on this machine that nobody has named, or one of another site, as our own';
const LEFT_BEHIND =
  "a deletion that leaves the owner's id or a file name behind, or an owner who cannot be erased";
const BIN =
  "being shown, found, asked about or copied from the bin; coming back after its time; a worker that removes its objects, or an operator's decision that is lost, on the way there and back";
const FORMULA =
  "a title, or a text from a stranger's picture, that a spreadsheet runs as a formula";
const OUT_OF_FOLDER =
  'a file name that leads out of the folder where the archive is unpacked, or that hides its ending';
const HELD_IN_ARCHIVE = 'an archive that holds what moderation holds back';
const LARGE_ARCHIVE = 'memory and time: archives and tables of any size, many at once';
const BIN_TEST = 'functions/media/bin.test.ts';
const PAST_API =
  'being read past the api, without its limits: each query would cost, and show leases and the names of objects';
const STREAM_AFTER = 'a stream that goes on after its token has ended';
const ENDS_START = 'a request that ends `npm start`, or that only the local front refuses';

const UNSIGNED = 'an unsigned token, which anybody can write';
const USERS_TEST = 'test/security/emulator-users.test.ts';

const VERIFY = 'return (await jwtVerify(token, keys, options)).payload;';
const UNVERIFIED =
  "JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload";

/** Both verify by the same code. */
const ofBoth = (...titles: string[]): Mutation['tests'] => [
  IDENTITY_TEST,
  ...['the worker', 'the api'].flatMap((unit) => titles.map((title) => `${unit} refuses ${title}`)),
];

const NEXT_USER =
  'another user of the same browser, who sees what the first has left, or in whose name a late request goes out';
const UNSENT = 'what the first user of a browser has chosen and not sent, left for the next';
const LIVES_ON = 'a session that lives on after a new password, or after the account was disabled';
const PLANTED = 'an answer of Google that was made for another page or another person';
const FOUND_OUT = 'being found out to have an account';
const LOCAL_SIGN_IN = "another site's page that uses the local sign-in";
const SESSION = 'web/src/page/sign-in/session.ts';
const SESSION_TEST = 'web/src/page/sign-in/session.test.ts';
const GOOGLE = 'web/src/page/sign-in/google.ts';
const GOOGLE_TEST = 'web/src/page/sign-in/google.test.ts';
const TOOLKIT_HTTP = 'local/identity/toolkit-http.ts';
const ACCOUNTS_TEST = 'test/contract/identity/accounts.local.test.ts';

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
        "await call.measure('auth', () => authenticate(call.request, scope));",
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
        'const caller = await authenticate(request);\n    const ids = idsOf(withQuery());\n',
        'const ids = idsOf(withQuery());\n    const caller = await authenticate(request);\n',
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
    threat: LOCAL_USER,
    without: 'the names of this machine',
    edits: [[THIS_MACHINE, 'if (!isForThisMachine({ headers })) return false;', '']],
    tests: [SERVING_TEST, 'the local gateway lends its token not to a name'],
  },
  {
    threat: LOCAL_USER,
    without: 'the origin of its own page',
    edits: [
      [
        THIS_MACHINE,
        'return origin === undefined || URL.parse(origin)?.host === host;',
        'return true;',
      ],
    ],
    tests: [SERVING_TEST, 'the local gateway lends its token not to a page'],
  },
  {
    threat: OTHER_DEVICES,
    without: 'the token',
    edits: [[NETWORK, 'if (hasEntered(request, options.token)) return', 'if (hasEntered) return']],
    tests: [NETWORK_TEST, 'without the token nothing is answered: /api/media'],
  },
  {
    threat: OTHER_DEVICES,
    without: 'the names by which it is known',
    edits: [[NETWORK, 'if (host !== own) return', "if (host === '') return"]],
    tests: [NETWORK_TEST, 'by a name that somebody has pointed here it is not known'],
  },
  {
    threat: OTHER_DEVICES,
    without: 'the origin of its own page',
    edits: [[NETWORK, 'if (origin !== undefined && origin !==', "if (origin === '' && origin !=="]],
    tests: [NETWORK_TEST, 'from a page of another site it is refused'],
  },
  {
    threat: OTHER_DEVICES,
    without: 'the signature of an address of Cloud Storage',
    edits: [[NETWORK, 'if (isSigned(request, options.mediaBucket))', 'if (isSigned)']],
    tests: [NETWORK_TEST, 'Cloud Storage is reached by signed addresses alone'],
  },
  {
    threat: DEV_PAGES,
    without: 'the list of origins',
    edits: [
      [GATEWAY, "devOrigins.includes(request.headers.origin ?? '')", 'devOrigins.length > 0'],
    ],
    tests: [GATEWAY_TEST, 'a page of http://localhost:3000, behind a proxy'],
  },
  {
    threat: LOCAL_USER,
    without: 'the origins of the page, in the shape `small`',
    edits: [
      [
        'local/run-app.ts',
        '(origin === undefined || origins.includes(origin))',
        'origins.length > 0',
      ],
    ],
    tests: ['local/run-app.test.ts', 'another site is nobody'],
  },
  {
    threat: LOCAL_USER,
    without: "the check at the issuer's port",
    edits: [
      ['local/identity/server.ts', 'if (!isFromOwnPage(request)) {', 'if (!isFromOwnPage) {'],
    ],
    tests: [PORTS_TEST, 'that was given the name evil.example', 'changes nothing by a request'],
  },
  {
    threat: LOCAL_USER,
    without: 'the check at the port of Cloud Storage',
    edits: [
      [
        'local/storage/router.ts',
        'if (!isForUs || isUnaskedWrite(call.req)) {',
        'if (!isForThisMachine || !isUnaskedWrite) {',
      ],
    ],
    tests: [PORTS_TEST, 'that was given the name evil.example', 'changes nothing by a request'],
  },
  {
    threat: LOCAL_USER,
    without: 'the check at the port of Firestore',
    edits: [
      [
        'local/firestore/rpc/plain.ts',
        'if (!isFromOwnPage(request)) send',
        'if (!isFromOwnPage) send',
      ],
    ],
    tests: [PORTS_TEST, 'that was given the name evil.example'],
  },
  {
    threat: NAMES,
    without: 'leaving out a message that quotes',
    edits: [[LOG, "new Set(['SyntaxError', 'ZodError', 'ValidationError'])", 'new Set([])']],
    tests: ['functions/process/log.test.ts', 'has no piece of what could not be read'],
  },
  {
    threat: LEFT_BEHIND,
    without: 'overwriting what is deleted on this machine',
    edits: [['local/base/data-file.ts', 'PRAGMA secure_delete = ON', 'PRAGMA secure_delete = OFF']],
    tests: ['local/firestore/disk.test.ts', 'nothing of a deleted document'],
  },
  {
    threat: FORMULA,
    without: 'the apostrophe',
    edits: [['functions/api/csv.ts', 'cell.replace(FORMULA, "$&\'")', 'cell']],
    tests: ['functions/api/csv.test.ts', '=1+1'],
  },
  {
    threat: OUT_OF_FOLDER,
    without: 'cleaning the name',
    edits: [
      ['functions/api/file-names.ts', 'const clean = cleaned(wanted);', 'const clean = wanted;'],
    ],
    tests: ['functions/api/file-names.test.ts', 'etc/passwd'],
  },
  {
    threat: HELD_IN_ARCHIVE,
    without: 'a look at each file before it is sent',
    edits: [['functions/api/download.ts', '!present || heldOf(present, moderation)', '!present']],
    tests: ['functions/api/download.test.ts', 'what is found to be unsafe'],
  },
  {
    threat: HELD_IN_ARCHIVE,
    without: 'leaving it out',
    edits: [
      [
        'functions/api/download.ts',
        'records.filter(isStored).filter((record) => !heldOf(record, mode))',
        'records.filter(isStored)',
      ],
    ],
    tests: ['test/journey/moderation.test.ts', 'what is unsafe is held back'],
  },
  {
    threat: LARGE_ARCHIVE,
    without: 'the limit',
    edits: [['functions/api/download.ts', '    refuseLarge(given);\n', '']],
    tests: ['test/journey/export.test.ts', 'says how much is too much'],
  },
  {
    threat: BIN,
    without: 'looking at the time',
    edits: [
      [
        'functions/media/bin.ts',
        'if (!binned || this.#isOver(binned)) throw notFound(id);',
        'if (!binned) throw notFound(id);',
      ],
    ],
    tests: [BIN_TEST, 'nothing comes back, and the sweeper'],
  },
  {
    threat: BIN,
    without: 'looking at the owner of what is shown',
    edits: [['functions/media/bin.ts', 'if (binned?.owner_id !== ownerId || ', 'if (!binned || ']],
    tests: [BIN_TEST, 'another owner neither deletes'],
  },
  {
    threat: BIN,
    without: 'a worker that looks into the bin too',
    edits: [['functions/media/store.ts', 'getAll(this.ref(id), binned)', 'getAll(this.ref(id))']],
    tests: [BIN_TEST, 'loses no object to the worker'],
  },
  {
    threat: BIN,
    without: 'telling the copies in the bin',
    edits: [
      [
        'functions/media/moderation.ts',
        '[this.#media(), this.#firestore.collection(BIN_COLLECTION)]',
        '[this.#media()]',
      ],
    ],
    tests: [BIN_TEST, 'a decision reaches the copy in the bin'],
  },
  {
    threat: LEFT_BEHIND,
    without: 'removing the names of files',
    edits: [['functions/media/remove.ts', '    media.forgetFileNames(id),\n', '']],
    tests: ['test/journey/owner.test.ts', 'a deletion leaves no name'],
  },
  {
    threat: LEFT_BEHIND,
    without: 'removing the records',
    edits: [
      [
        'functions/media/owner.ts',
        '  await removeRecords(ownerId, deps);\n',
        '  void removeRecords;\n',
      ],
    ],
    tests: ['test/journey/owner.test.ts', 'nothing of an owner is left'],
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
    without: 'the end of the token',
    edits: [
      [
        'functions/stream/handler.ts',
        'Math.min(longestMs, caller.refusedFromMs - now())',
        'Math.min(longestMs, longestMs + now())',
      ],
    ],
    tests: ['functions/stream/handler.test.ts', 'comes when the token of its caller does'],
  },
  {
    threat: ENDS_START,
    without: 'leaving out the headers of one connection',
    edits: [
      [
        'local/address.ts',
        'const headers = endToEnd(request.headers);',
        'const headers = request.headers; void endToEnd;',
      ],
    ],
    tests: [
      GATEWAY_TEST,
      'with Trailer: X is answered',
      'takes with it no header that Connection names',
    ],
  },
  {
    threat: ENDS_START,
    without: 'sending a request on before its body',
    edits: [['local/front/forward.ts', 'if (hasBody) upstream.flushHeaders();', 'void hasBody;']],
    tests: [GATEWAY_TEST, 'arrives before the first byte of its body'],
  },
  {
    threat: UNSIGNED,
    without: 'being started for that emulator',
    edits: [
      [
        'local/stack.ts',
        '    users: authEmulator ? createEmulatorUsers({ project, identity, audience }) : undefined,\n',
        '    users: createEmulatorUsers({ project, identity, audience }),\n',
      ],
    ],
    tests: [USERS_TEST, 'an unsigned token is refused, in a header and in the cookie'],
  },
  {
    threat: UNSIGNED,
    without: 'the page of this machine',
    edits: [[GATEWAY, 'if (isOwn(request)) await users', 'await users']],
    tests: [
      USERS_TEST,
      'an unsigned token is refused from a page',
      'an unsigned token is refused from a name',
    ],
  },
  {
    threat: UNSIGNED,
    without: 'the project of that emulator',
    edits: [
      [
        'local/google/users.ts',
        'UnsecuredJWT.decode(token, { issuer, audience: project })',
        'UnsecuredJWT.decode(token)',
      ],
    ],
    tests: [USERS_TEST, 'an unsigned token is refused of another project'],
  },
  {
    threat: NEXT_USER,
    without: 'the user for whom the client was made',
    edits: [[SESSION, 'if (this.#stored?.user.id !== userId)', 'if (!this.#stored)']],
    tests: [SESSION_TEST, 'of another user in another tab is taken over'],
  },
  {
    threat: NEXT_USER,
    without: 'a second look after a token was renewed',
    edits: [[SESSION, '      if (this.#stored?.user.id !== session.user.id) throw ended();\n', '']],
    tests: [SESSION_TEST, 'that ends while its token is renewed'],
  },
  {
    threat: NEXT_USER,
    without: 'the end in all tabs',
    edits: [
      [
        SESSION,
        '    this.#use(undefined, endedBy);\n    this.#write();\n',
        '    this.#use(undefined, endedBy);\n',
      ],
    ],
    tests: [SESSION_TEST, 'ends in all tabs'],
  },
  {
    threat: UNSENT,
    without: 'the deletion when nobody is signed in',
    edits: [['web/src/page/sign-in/gate.tsx', 'if (isNobody) onNobody();', '']],
    tests: ['test/browser/sign-in.test.ts', 'what was not sent yet is deleted when nobody'],
  },
  {
    threat: UNSENT,
    without: 'a look at whose files they are',
    edits: [
      [
        'web/src/hooks/kept-uploads.ts',
        '({ owner }: Entry) => owner === this.#owner',
        '({ owner }: Entry) => owner !== undefined',
      ],
    ],
    tests: ['test/browser/sign-in.test.ts', "nor does another user's page send it"],
  },
  {
    threat: LIVES_ON,
    without: 'the end in the page',
    edits: [[SESSION, '      this.end(code);\n', '']],
    tests: [SESSION_TEST, 'that the server ends'],
  },
  {
    threat: PLANTED,
    without: 'the state',
    edits: [[GOOGLE, 'if (attempt?.state !== state)', 'if (!attempt)']],
    tests: [GOOGLE_TEST, 'of another attempt is refused'],
  },
  {
    threat: PLANTED,
    without: 'the nonce',
    edits: [[GOOGLE, 'if (nonceOf(idToken) !== attempt.nonce)', "if (idToken === '')"]],
    tests: [GOOGLE_TEST, 'with the token of another is refused'],
  },
  {
    threat: FOUND_OUT,
    without: 'one answer for both',
    edits: [
      [
        'web/src/page/sign-in/errors.ts',
        "EMAIL_NOT_FOUND: 'wrong_credentials'",
        "EMAIL_NOT_FOUND: 'invalid_email'",
      ],
    ],
    tests: ['web/src/page/sign-in/errors.test.ts', '400 EMAIL_NOT_FOUND'],
  },
  {
    threat: FOUND_OUT,
    without: 'one answer for each mail',
    edits: [
      [
        'web/src/page/sign-in/identity-toolkit.ts',
        "if (!(error instanceof SignInError) || error.code !== 'wrong_credentials') throw error;",
        'throw error;',
      ],
    ],
    tests: ['web/src/page/sign-in/identity-toolkit.test.ts', 'is answered alike for an address'],
  },
  {
    threat: LOCAL_SIGN_IN,
    without: 'the referrer',
    edits: [[TOOLKIT_HTTP, "if (!isLocalAddress(referer ?? ''))", 'if (false)']],
    tests: [ACCOUNTS_TEST, 'works for a page of this machine alone'],
  },
  {
    threat: LOCAL_SIGN_IN,
    without: "the administrator's token",
    edits: [
      [TOOLKIT_HTTP, 'if (isAdmin) await checkAdmin(request);', 'if (isAdmin) void checkAdmin;'],
    ],
    tests: [ACCOUNTS_TEST, 'is of no use to an administrator'],
  },
];
