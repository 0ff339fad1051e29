/** Webhooks: where they go, and who hears what. */
import type { Mutation } from './mutation.ts';

const ADDRESS = 'functions/outbound/allowed-address.ts';
const ADDRESS_TEST = 'functions/outbound/allowed-address.test.ts';
const POST = 'functions/features/webhooks/post.ts';
const LOOKUP = 'functions/outbound/pinned-lookup.ts';
const POST_TEST = 'functions/features/webhooks/post.test.ts';
const DELIVER_TEST = 'functions/features/webhooks/deliver.test.ts';
const RECEIVERS = 'functions/features/webhooks/receivers.ts';
const RECEIVERS_TEST = 'functions/features/webhooks/receivers.test.ts';
const JOURNEY = 'test/journey/webhooks.test.ts';

const SSRF = 'an internal address (SSRF), in any spelling';
const CHANGES = 'a name that changes or has several addresses';
const REDIRECTED = 'a redirection that leads there';
const ENDLESS = 'a receiver that never answers, or without end';
const OTHERS_WAIT = 'silent or slow receivers for which others wait';
const WRITTEN = 'a forged or repeated message';
const ORDER = 'an older state taken for the present one';
const OTHERS = "messages about another user's media";

export const WEBHOOK_MUTATIONS: readonly Mutation[] = [
  {
    threat: SSRF,
    without: 'the special parts of IPv4',
    edits: [[ADDRESS, 'return !SPECIAL_V4.check(address);', 'return true;']],
    tests: [ADDRESS_TEST, 'no webhook goes to https://169.254.169.254/'],
  },
  {
    threat: SSRF,
    without: 'the rule that IPv6 is public only where it is known to be',
    edits: [[ADDRESS, "GLOBAL_V6.check(address, 'ipv6') && ", '']],
    tests: [ADDRESS_TEST, 'no webhook goes to https://[::ffff:127.0.0.1]/', 'https://[64:ff9b::'],
  },
  {
    threat: SSRF,
    without: 'the special parts of IPv6',
    edits: [[ADDRESS, " && !SPECIAL_V6.check(address, 'ipv6')", '']],
    tests: [ADDRESS_TEST, 'no webhook goes to https://[2002:7f00:1::]/'],
  },
  {
    threat: SSRF,
    without: 'names of the own network',
    edits: [[ADDRESS, 'isIP(host) === 0 ? ', "isIP(host) === 0 ? host !== '' || "]],
    tests: [ADDRESS_TEST, 'no webhook goes to https://metadata.google.internal/'],
  },
  {
    threat: SSRF,
    without: 'https',
    edits: [[ADDRESS, "if (url.protocol !== 'https:')", "if (url.protocol === 'file:')"]],
    tests: [ADDRESS_TEST, 'http://app.example/ must begin'],
  },
  {
    threat: SSRF,
    without: 'the ports',
    edits: [[ADDRESS, 'if (!PORTS.has(url.port))', "if (url.port === '1')"]],
    tests: [ADDRESS_TEST, 'https://app.example:22/'],
  },
  {
    threat: SSRF,
    without: 'the check when it is registered',
    edits: [
      [
        'functions/features/webhooks/routes.ts',
        "url: checkWebhookUrl(url, 'url', services.loopback),",
        'url,',
      ],
    ],
    tests: [JOURNEY, 'are not sent to'],
  },
  {
    threat: SSRF,
    without: 'the check when it is sent to',
    edits: [[POST, 'addressRefusal(address, loopback) !== undefined', "address === ''"]],
    tests: [POST_TEST, 'an address that was registered by the rules of an earlier time'],
  },
  {
    threat: CHANGES,
    without: 'the check of what was looked up',
    edits: [[LOOKUP, '!mayConnect(url, address, loopback)', "address === ''"]],
    tests: [POST_TEST, 'a public name whose address is', 'a name that changes'],
  },
  {
    threat: CHANGES,
    without: 'looking at all addresses of a name',
    edits: [[LOOKUP, 'found.some(', 'found.slice(0, 1).some(']],
    tests: [POST_TEST, 'a name with a public and a private address'],
  },
  {
    threat: CHANGES,
    without: 'a connection for each message',
    edits: [[POST, 'agent: false,', '']],
    tests: [POST_TEST, 'gets no second message by the same connection'],
  },
  {
    threat: REDIRECTED,
    without: 'leaving redirections alone',
    edits: [
      [
        POST,
        'return await new Promise<number>((resolve, reject) => {',
        "const first = await fetch(address, { method: 'POST', headers, body });\n    if (first.redirected) return first.status;\n    return await new Promise<number>((resolve, reject) => {",
      ],
    ],
    tests: [POST_TEST, 'is not followed'],
  },
  {
    threat: ENDLESS,
    without: 'an end of the time',
    edits: [[POST, 'AbortSignal.timeout(timeoutMs)', 'AbortSignal.timeout(100 * timeoutMs)']],
    tests: [POST_TEST, 'that says nothing in time'],
  },
  {
    threat: ENDLESS,
    without: 'an end of the bytes',
    edits: [[POST, 'if (bytes > MAX_ANSWER_BYTES) answer.destroy();', '']],
    tests: [POST_TEST, 'that talks without end'],
  },
  {
    threat: ENDLESS,
    without: 'taking 101 for an answer',
    edits: [[POST, ".on('upgrade', (", ".on('never', ("]],
    tests: [POST_TEST, 'that says 101'],
  },
  {
    threat: OTHERS_WAIT,
    without: 'a second queue for slow receivers',
    edits: [
      [RECEIVERS, 'if (isSlow && !isInSlowQueue) return', 'if (isSlow && record === null) return'],
    ],
    tests: [RECEIVERS_TEST, 'a good one is told of all photos'],
  },
  {
    threat: OTHERS_WAIT,
    without: 'a short time for a receiver that is not known',
    edits: [[RECEIVERS, 'const QUICK_TIMEOUT_MS = 2_000;', 'const QUICK_TIMEOUT_MS = 10_000;']],
    tests: [RECEIVERS_TEST, 'a good one is told of all photos'],
  },
  {
    threat: OTHERS_WAIT,
    without: 'one share for a host',
    edits: [[RECEIVERS, 'new URL(url).origin;', 'new URL(url).href;']],
    tests: [RECEIVERS_TEST, 'addresses of requests at one host'],
  },
  {
    threat: OTHERS_WAIT,
    without: 'a minute, and then two, in the second queue',
    edits: [[RECEIVERS, 'SLOW_MS * 2 ** strikes', 'strikes']],
    tests: [RECEIVERS_TEST, 'that was slow is in the queue', 'that is slow by turns'],
  },
  {
    threat: OTHERS_WAIT,
    without: 'one message at a time for a silent receiver',
    edits: [
      [RECEIVERS, "!record?.silent || force === 'last'", "!record?.silent || force !== 'by_hand'"],
    ],
    tests: [RECEIVERS_TEST, 'that does not answer is asked by one message'],
  },
  {
    threat: OTHERS_WAIT,
    without: 'the share of an owner',
    edits: [[RECEIVERS, 'const MAX_NEWLY_SLOW = 32;', 'const MAX_NEWLY_SLOW = 32_000;']],
    tests: [RECEIVERS_TEST, 'an owner who names new silent receivers'],
  },
  {
    threat: WRITTEN,
    without: 'the time in what is signed',
    edits: [['functions/features/webhooks/signature.ts', '[id, timestamp, body]', '[id, body]']],
    tests: ['functions/features/webhooks/signature.test.ts', 'a message is signed'],
  },
  {
    threat: ORDER,
    without: 'waiting for the message before',
    edits: [
      [
        'functions/features/webhooks/deliver.ts',
        'if (!blocksNext(earlier)) return true;',
        "if (!blocksNext(earlier) || after !== '') return true;",
      ],
    ],
    tests: [DELIVER_TEST, 'keep their order if a task comes'],
  },
  {
    threat: ORDER,
    without: 'writing down what came last',
    edits: [['functions/features/webhooks/outbox.ts', 'change: { told },', 'change: {},']],
    tests: [DELIVER_TEST, 'keep their order over a day'],
  },
  {
    threat: OTHERS,
    without: 'the user of a webhook',
    edits: [
      [
        'functions/features/webhooks/webhooks.ts',
        'owner_id === null || owner_id === ownerId)',
        "owner_id === null || owner_id !== '')",
      ],
    ],
    tests: [DELIVER_TEST, 'is not told to a webhook of another user'],
  },
  {
    threat: OTHERS,
    without: 'whose media a delivery is about',
    edits: [
      [
        'functions/features/webhooks/deliveries.ts',
        '(media_id === media.id ||',
        "(media_id !== '' ||",
      ],
    ],
    tests: [JOURNEY, 'what a request is told at its own address can be'],
  },
  {
    threat: OTHERS,
    without: 'keeping from a user what backends are told',
    edits: [
      [
        'functions/features/webhooks/callback-deliveries.ts',
        'if (keyId === undefined) {',
        "if (keyId === '') {",
      ],
    ],
    tests: [JOURNEY, 'what a request is told at its own address can be'],
  },
  {
    threat: OTHERS,
    without: 'the user for whom a backend acts',
    edits: [
      [
        'functions/features/webhooks/webhooks.ts',
        '(ownerId !== undefined && record.owner_id !== ownerId)',
        "(ownerId === '' && record.owner_id !== ownerId)",
      ],
    ],
    tests: [JOURNEY, 'of one user are not seen'],
  },
];
