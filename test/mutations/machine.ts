/** What `npm start` lets in: other pages, other devices, other users of this machine. */
import type { Mutation } from './mutation.ts';

const GATEWAY = 'local/gateway.ts';
const GATEWAY_TEST = 'local/gateway.test.ts';
const THIS_MACHINE = 'local-cloud/base/this-machine.ts';
const PORTS_TEST = 'test/security/local-ports.test.ts';
const SERVING_TEST = 'test/security/serving.test.ts';
const LOCAL_USER = "another site's page, or DNS rebinding";
const OTHER_DEVICES = 'somebody in the network of `npm start`';
const NETWORK = 'local/network.ts';
const NETWORK_TEST = 'test/security/network.test.ts';
const IN_PART = 'partial requests without the token that keep connections';
const DEV_PAGES = 'a page, local or not, that passes for ours';
const ENDS_START = 'a request that ends `npm start`';
const UNSIGNED = 'an unsigned token';
const USERS_TEST = 'test/security/emulator-users.test.ts';
const LOCAL_SIGN_IN = 'another site that uses the local sign-in';
const TOOLKIT_HTTP = 'local-cloud/identity/toolkit-http.ts';
const ACCOUNTS_TEST = 'test/contract/identity/accounts.local.test.ts';
const CHECKED_FILES = 'cli/checked-files.ts';
const CHECKED_FILES_TEST = 'cli/checked-files.test.ts';
const AGENT = 'an agent, misled by a picture, that sends secrets by `media-analysis mcp`';

export const MACHINE: readonly Mutation[] = [
  {
    threat: AGENT,
    without: 'the folders',
    edits: [
      [
        CHECKED_FILES,
        'if (this.#has(await realpath(named).catch(() => named))) return;',
        'return;',
      ],
    ],
    tests: [CHECKED_FILES_TEST, 'a path out of the folders is refused'],
  },
  {
    threat: AGENT,
    without: 'the look at the bytes',
    edits: [
      [
        CHECKED_FILES,
        'if (found && acceptedFormat(found.mime)) return blob;',
        'if (found || acceptedFormat) return blob;',
      ],
    ],
    tests: [CHECKED_FILES_TEST, 'what is no photo by its bytes'],
  },
  {
    threat: AGENT,
    without: 'the place of the open file',
    edits: [[CHECKED_FILES, 'if (!this.#has(path.real)) return', 'if (!path.real) return']],
    tests: [CHECKED_FILES_TEST, 'a folder that becomes a way out'],
  },
  {
    threat: AGENT,
    without: 'reading from the file that was opened',
    edits: [
      [
        CHECKED_FILES,
        'real: await readlink(toRead), toRead }',
        'real: await readlink(toRead), toRead: place }',
      ],
    ],
    tests: [CHECKED_FILES_TEST, 'a file that is put in the place'],
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
    threat: IN_PART,
    without: 'an end of the time for a token',
    edits: [
      [
        NETWORK,
        'setTimeout(late.resolve, tokenMs, undefined)',
        'setTimeout(late.resolve, 1_000 * tokenMs, undefined)',
      ],
    ],
    tests: [NETWORK_TEST, 'a token of which only a part arrives'],
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
      [
        'local-cloud/identity/server.ts',
        'if (!isFromOwnPageOfService(request)) {',
        'if (!isFromOwnPageOfService) {',
      ],
    ],
    tests: [PORTS_TEST, 'that was given the name evil.example', 'changes nothing by a request'],
  },
  {
    threat: LOCAL_USER,
    without: 'the check at the port of Cloud Storage',
    edits: [
      [
        'local-cloud/storage/router.ts',
        'if (!isForUs || isWriteWithoutPreflight(call.req)) {',
        'if (!isForThisService || !isWriteWithoutPreflight) {',
      ],
    ],
    tests: [PORTS_TEST, 'that was given the name evil.example', 'changes nothing by a request'],
  },
  {
    threat: LOCAL_USER,
    without: 'the loopback address, where no private name is known',
    edits: [
      [
        THIS_MACHINE,
        'if (localAddress === undefined || LOOPBACK.test(localAddress)) return false;',
        'void [localAddress, LOOPBACK];',
      ],
    ],
    tests: ['local-cloud/base/this-machine.test.ts', 'a service knows'],
  },
  {
    threat: LOCAL_USER,
    without: 'the check at the port of Firestore',
    edits: [
      [
        'local-cloud/firestore/rpc/http1.ts',
        'if (!isFromOwnPageOfService(request))',
        'if (!isFromOwnPageOfService)',
      ],
    ],
    tests: [PORTS_TEST, 'that was given the name evil.example'],
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
        'UnsecuredJWT.decode(token, { issuer })',
      ],
    ],
    tests: [USERS_TEST, 'an unsigned token is refused of another project'],
  },
  {
    threat: UNSIGNED,
    without: 'the issuer of that emulator',
    edits: [
      [
        'local/google/users.ts',
        'UnsecuredJWT.decode(token, { issuer, audience: project })',
        'UnsecuredJWT.decode(token, { audience: project })',
      ],
    ],
    tests: [USERS_TEST, 'an unsigned token is refused of another issuer'],
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
