/** What the API takes and says of itself. */
import type { Mutation } from './mutation.ts';

const UNKNOWN = 'an unknown parameter that is ignored, as `?Permanently=true`';
const REQUEST_ID = 'an invented request id that hides among other lines';
const PAGE = 'an API page that runs what it shows';
const QUERY = 'functions/http/query.ts';
const CONTRACT_TEST = 'test/journey/contract.test.ts';

export const CONTRACT: readonly Mutation[] = [
  {
    threat: UNKNOWN,
    without: 'the names of the contract',
    edits: [
      [
        QUERY,
        '(name) => !known.includes(name)',
        '(name) => !known.includes(name) && name === known[0]',
      ],
    ],
    tests: [CONTRACT_TEST, 'refuses a parameter that it does not know'],
  },
  {
    threat: UNKNOWN,
    without: 'the count of each name',
    edits: [[QUERY, 'names.indexOf(name) !== i', 'names.indexOf(name) > i']],
    tests: [CONTRACT_TEST, 'refuses a parameter that it does not know'],
  },
  {
    threat: REQUEST_ID,
    without: 'an id of our own',
    edits: [
      [
        'functions/http/router.ts',
        'const request_id = span.traceId;',
        "const request_id = request.headers['x-request-id']?.toString() ?? span.traceId;",
      ],
    ],
    tests: ['functions/http/router.test.ts', 'is never whatever a caller says'],
  },
  {
    threat: PAGE,
    without: 'its policy',
    edits: [
      ['functions/hosting/document-routes.ts', "default-src 'none'; style", 'default-src *; style'],
    ],
    tests: ['functions/hosting/document-routes.test.ts', 'runs no script'],
  },
];
