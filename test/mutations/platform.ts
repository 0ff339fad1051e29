/** The rules of the platform that the local front holds: without one, what is green here is red when deployed. */
import type { Mutation } from './mutation.ts';

const FORWARD = 'local/front/forward.ts';
const FRONT = 'local/front/front.ts';
const HEADERS = 'local/front/headers.ts';
const INSTANCE = 'local/front/instance.ts';
const INVOKER = 'local/front/invoker.ts';
const SERVICE = 'local/front/service.ts';
const TELEMETRY = 'functions/process/telemetry.ts';
const REQUESTS_TEST = 'local/front/requests.test.ts';
const INSTANCES_TEST = 'local/front/instances.test.ts';
const TRACES_TEST = 'test/security/traces.test.ts';

const SIGNATURE = 'the signature of a token that IAM has checked';
const INVOKERS = 'a caller that IAM would refuse';
const AFTER = 'work after the answer, without CPU';
const MEMORY = 'memory that another instance lacks';
const PLACES = 'more requests than places';
const SIZE = 'a request or headers too large';
const TIME = 'a request that takes too long';
const END = 'an end in the middle of a request';
const ADDRESS = 'hop-by-hop headers, or those of Google alone';
const TRACE = 'lost spans: traces begun by the platform, and the last ones';

export const PLATFORM: readonly Mutation[] = [
  {
    threat: SIGNATURE,
    without: 'taking the signature away',
    edits: [[INVOKER, 'withoutSignature(token)}', 'token}']],
    tests: [
      REQUESTS_TEST,
      'passes on the token of an invoker without its signature',
      'checks X-Serverless-Authorization alone',
    ],
  },
  {
    threat: SIGNATURE,
    without: 'leaving the tokens of users as they are',
    edits: [
      [
        FRONT,
        'checkInvoker ? await checkInvoker(headers) : headers;',
        "checkInvoker ? await checkInvoker(headers) : { ...headers, authorization: '' };",
      ],
    ],
    tests: [REQUESTS_TEST, 'a token passes a public service unchanged'],
  },
  {
    threat: INVOKERS,
    without: 'verifying the token',
    edits: [
      [
        INVOKER,
        'throw new Refusal(401, { cause });',
        'return { payload: { email: invokers[0], email_verified: true }, cause };',
      ],
    ],
    tests: [
      REQUESTS_TEST,
      'refuses what another issuer has signed',
      'refuses what is for another service',
      'refuses what has expired',
      'refuses what had its signature removed before',
    ],
  },
  {
    threat: INVOKERS,
    without: 'the list of those who may',
    edits: [[INVOKER, '!invokers.includes(String(email))', 'email === undefined']],
    tests: [REQUESTS_TEST, 'forbids an account that is no invoker'],
  },
  {
    threat: INVOKERS,
    without: 'the order of the two headers',
    edits: [
      [
        INVOKER,
        "headers[preferred] === undefined ? 'authorization'",
        "headers.authorization ? 'authorization'",
      ],
    ],
    tests: [REQUESTS_TEST, 'checks X-Serverless-Authorization alone'],
  },
  {
    threat: AFTER,
    without: 'taking the CPU away',
    edits: [[SERVICE, 'if (freezes) instance.freeze();', 'void freezes;']],
    tests: [INSTANCES_TEST, 'after its answer an instance has no CPU'],
  },
  {
    threat: AFTER,
    without: 'giving it back',
    edits: [[INSTANCE, "if (this.#isFrozen) this.#child.kill('SIGCONT');", '']],
    tests: [
      INSTANCES_TEST,
      'after its answer an instance has no CPU',
      'a frozen instance gets SIGTERM like any other',
    ],
  },
  {
    threat: AFTER,
    without: 'waiting for the other requests of the instance',
    edits: [
      [
        SERVICE,
        'if (instance.requests === 0) this.#becomeIdle(instance);\n  }',
        'this.#becomeIdle(instance);\n  }',
      ],
    ],
    tests: [INSTANCES_TEST, 'an instance with an open stream is never frozen'],
  },
  {
    threat: MEMORY,
    without: 'going on to another instance',
    edits: [[SERVICE, 'if (this.#options.conduct.spreads) this.#moveToEnd(instance);', '']],
    tests: [INSTANCES_TEST, 'in spread mode two requests of one caller reach two instances'],
  },
  {
    threat: MEMORY,
    without: 'taking idle instances away',
    edits: [
      [
        SERVICE,
        'setTimeout(() => this.#endIdle(instance), idleMs)',
        'setTimeout(() => undefined, idleMs)',
      ],
    ],
    tests: [
      INSTANCES_TEST,
      'an instance that is idle for long enough is ended',
      'with minInstances 0 the last instance ends',
    ],
  },
  {
    threat: MEMORY,
    without: 'keeping the least number of them',
    edits: [
      [SERVICE, 'if (serving <= this.settings.minInstances) return;', 'if (serving < 0) return;'],
    ],
    tests: [INSTANCES_TEST, 'an instance that is idle for long enough is ended, unless'],
  },
  {
    threat: MEMORY,
    without: 'taking some away without a word',
    edits: [[SERVICE, 'this.#endedIdle % 2 === 0', 'this.#endedIdle < 0']],
    tests: [INSTANCES_TEST, 'every second idle instance ends without SIGTERM'],
  },
  {
    threat: PLACES,
    without: 'the concurrency of an instance',
    edits: [
      [SERVICE, 'isServing && requests < concurrency', 'isServing && requests < concurrency * 100'],
    ],
    tests: [
      INSTANCES_TEST,
      'an instance takes as many requests as its concurrency',
      'when no place becomes free in time, a request is refused with 429',
    ],
  },
  {
    threat: PLACES,
    without: 'the limit of instances',
    edits: [
      [SERVICE, 'const allowed = maxInstances - serving;', 'const allowed = maxInstances + 9;'],
    ],
    tests: [INSTANCES_TEST, 'when no place becomes free in time, a request is refused with 429'],
  },
  {
    threat: PLACES,
    without: 'an end to the waiting',
    edits: [
      [
        SERVICE,
        'if (this.#isStarting) waiter.timer.refresh();',
        'if (this.name) waiter.timer.refresh();',
      ],
    ],
    tests: [
      INSTANCES_TEST,
      'when no place becomes free in time, a request is refused with 429',
      'when no instance starts, a request is refused with 503',
    ],
  },
  {
    threat: PLACES,
    without: 'waiting for an instance that starts',
    edits: [
      [
        SERVICE,
        'if (this.#isStarting) waiter.timer.refresh();',
        'if (!this.name) waiter.timer.refresh();',
      ],
    ],
    tests: [INSTANCES_TEST, 'a request waits longer while an instance starts'],
  },
  {
    threat: PLACES,
    without: 'seeing that a caller has left before it gets a place',
    edits: [[SERVICE, 'if (signal.aborted) return Promise.reject(signal.reason);', '']],
    tests: [
      INSTANCES_TEST,
      'a caller that disconnects during the check of its token takes no place',
    ],
  },
  {
    threat: SIZE,
    without: 'the limit of what a request says of itself',
    edits: [[FRONT, '      checkDeclaredLength(headers);\n', '']],
    tests: [REQUESTS_TEST, 'a request that declares a larger body gets 413 at once'],
  },
  {
    threat: SIZE,
    without: 'counting what comes',
    edits: [[FORWARD, 'if (size > MAX_REQUEST_BYTES) breakOff(new Refusal(413));', '']],
    tests: [REQUESTS_TEST, 'a request with a larger undeclared body gets 413'],
  },
  {
    threat: SIZE,
    without: 'the limit of headers',
    edits: [
      [FRONT, '{ maxHeaderSize: MAX_HEADER_BYTES }', '{ maxHeaderSize: 10 * MAX_HEADER_BYTES }'],
      [
        'local/base/units.ts',
        "export const NODE_OPTIONS = ['",
        "export const NODE_OPTIONS = ['--max-http-header-size=1000000', '",
      ],
    ],
    tests: [REQUESTS_TEST, '64 KiB of headers are refused'],
  },
  {
    threat: TIME,
    without: 'the limit',
    edits: [[FRONT, 'over.abort(new Refusal(504))', 'undefined']],
    tests: [
      REQUESTS_TEST,
      'gets 504, and its place is free again',
      'gets 504 also while its instance starts',
      'is cut off if its answer has begun',
    ],
  },
  {
    threat: END,
    without: 'SIGTERM',
    edits: [[INSTANCE, "this.#child.kill('SIGTERM');", "this.#child.kill('SIGKILL');"]],
    tests: [INSTANCES_TEST, 'an instance that is told to end finishes its requests'],
  },
  {
    threat: END,
    without: 'SIGKILL after the grace period',
    edits: [
      [
        INSTANCE,
        "setTimeout(() => this.#child.kill('SIGKILL'), this.#graceMs)",
        'setTimeout(() => undefined, this.#graceMs)',
      ],
    ],
    tests: [INSTANCES_TEST, 'an instance that still runs after the grace period is killed'],
  },
  {
    threat: END,
    without: 'a replacement',
    edits: [[SERVICE, 'this.#startLater(performance.now() - started);', '']],
    tests: [INSTANCES_TEST, 'an instance that dies is replaced'],
  },
  {
    threat: ADDRESS,
    without: 'reading the caller’s `Connection` before its addresses are added',
    edits: [
      [HEADERS, 'const headers = endToEnd(sent);', 'const headers = sent;'],
      [FRONT, 'inTrace(allowed)', 'inTrace(endToEnd(allowed))'],
      [FRONT, 'import { inTrace,', 'import { endToEnd, inTrace,'],
    ],
    tests: [REQUESTS_TEST, 'a caller cannot remove the headers of the front'],
  },
  {
    threat: ADDRESS,
    without: 'the length and the host that every connection needs',
    edits: [[HEADERS, 'for (const name of ALWAYS_PASSED_ON) dropped.delete(name);', '']],
    tests: [REQUESTS_TEST, 'a caller cannot remove the headers of the front'],
  },
  {
    threat: ADDRESS,
    without: 'dropping what belongs to one connection',
    edits: [[HEADERS, '!dropped.has(name) && ', '']],
    tests: [REQUESTS_TEST, 'those of one connection and those reserved for Google'],
  },
  {
    threat: ADDRESS,
    without: 'dropping what is reserved for Google',
    edits: [[HEADERS, ' && !RESERVED.test(name)', '']],
    tests: [
      REQUESTS_TEST,
      'those of one connection and those reserved for Google are not passed on',
    ],
  },
  {
    threat: ADDRESS,
    without: 'adding the address of the caller',
    edits: [[HEADERS, '[before, ...addresses]', '[before]']],
    tests: [
      REQUESTS_TEST,
      'the last address is the true caller',
      'a load balancer adds the caller and itself',
    ],
  },
  {
    threat: TRACE,
    without: 'a trace that the platform begins',
    edits: [[HEADERS, 'parseTraceparent(sent) ? String(sent) : newTraceparent()', 'String(sent)']],
    tests: [REQUESTS_TEST, 'a request without a trace gets an unsampled one in both formats'],
  },
  {
    threat: TRACE,
    without: 'a sampler of our own',
    edits: [[TELEMETRY, '    sampler: new sdk.AlwaysOnSampler(),\n', '']],
    tests: [TRACES_TEST, 'a trace that the platform began, and left unsampled'],
  },
  {
    threat: TRACE,
    without: 'sending the last spans',
    edits: [[TELEMETRY, 'return () => provider.shutdown();', 'return async () => undefined;']],
    tests: [TRACES_TEST, 'an instance that is taken away sends its last spans'],
  },
  {
    threat: TRACE,
    without: 'waiting for the spans that are on their way',
    edits: [[TELEMETRY, 'provider.shutdown()', 'provider.forceFlush()']],
    tests: ['test/contract/hosting/shutdown.test.ts', 'spans that are on their way at SIGTERM'],
  },
];
