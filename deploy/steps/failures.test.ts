import { describe, expect, test } from '@jest/globals';
import { decideFailure } from './failures.ts';

const PLACE = {
  project: 'my-project-1234',
  stateBucket: 'my-project-1234-terraform',
  account: 'you@example.com',
};
const remedyOf = (text: string) => {
  const failure = decideFailure(text, PLACE);
  return failure?.kind === 'stop' ? failure.remedy.join('\n') : failure;
};

/** The output of gcloud, Terraform's provider and Google's APIs. */
describe('what passes by itself', () => {
  test.each([
    'Error 403: Cloud Tasks API has not been used in project 123456789012 before or it is disabled. Enable it by visiting https://console…',
    'ERROR: (gcloud.builds.submit) PERMISSION_DENIED: … reason: SERVICE_DISABLED',
    'FAILED_PRECONDITION: Service agents are being provisioned (https://cloud.google.com/iam/docs/service-agents). Please try again in a few minutes.',
    'Error 400: Service account media-api@my-project-1234.iam.gserviceaccount.com does not exist., badRequest',
    'Error 409: There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.',
    'Error 404: Cannot find metric that matches type = "logging.googleapis.com/user/media_failed"',
    "Error 400: Database ID '(default)' is not available in project 'my-project-1234'. Please retry in 168 seconds.",
    "Error 429: Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute' of service 'iam.googleapis.com'",
    'Error 503: The service is currently unavailable., backendError',
    'Post "https://run.googleapis.com/v2/…": read tcp: connection reset by peer',
    'Error: Error creating BackupSchedule: googleapi: Error 403: The caller does not have permission',
    "Error: Error waiting to create Index: Error waiting for Creating Index: timeout while waiting for state to become 'done: true' (last state: 'done: false', timeout: 20m0s)",
    "Error: Error waiting for Updating Field: timeout while waiting for state to become 'done: true' (last state: 'done: false', timeout: 20m0s)",
    'Error: Error creating Index: googleapi: Error 409: Aborted due to cross-transaction contention. This occurs when multiple transactions attempt to access the same data',
  ])('%s', (text) => {
    expect(decideFailure(text, PLACE)).toMatchObject({ kind: 'wait' });
  });
});

describe('what a person has to mend, with the command for it', () => {
  test.each([
    [
      'Error: Get "https://storage.googleapis.com/…": dial tcp: lookup storage.googleapis.com: no such host',
      'Check your connection',
    ],
    [
      'ERROR: gcloud crashed (ConnectionError): Failed to establish a new connection: [Errno -3] Temporary failure in name resolution',
      'Check your connection',
    ],
    [
      'Error 400: Quota violated: CpuAllocPerProjectRegion requested: 20000 allowed: 10000',
      'iam-admin/quotas?project=my-project-1234',
    ],
    [
      'Error 403: This API method requires billing to be enabled. … BILLING_DISABLED',
      'gcloud billing projects link my-project-1234',
    ],
    [
      'One or more users named in the policy do not belong to a permitted customer.',
      '--var api_is_open_by_grant=false',
    ],
    [
      "Error 412: 'us-central1' violates constraint 'constraints/gcp.resourceLocations', conditionNotMet",
      'Ask the administrator of your organisation',
    ],
    [
      'Error 400: Constraint constraints/run.managed.requireInvokerIam violated for project',
      'gcloud org-policies describe run.managed.requireInvokerIam --project=my-project-1234 --effective',
    ],
    [
      'Error 400: Constraint constraints/iam.disableServiceAccountCreation violated for project',
      'Ask the administrator of your organisation',
    ],
    [
      'Error 429: Quota exceeded for total allowable CPU per project per region.',
      'iam-admin/quotas?project=my-project-1234',
    ],
    [
      'FAILED_PRECONDITION: due to quota restrictions, Cloud Build cannot run builds in this region',
      'iam-admin/quotas?project=my-project-1234',
    ],
    [
      'The queue cannot be created because a queue with this name existed too recently.',
      '--var upload_queue=media-upload-2',
    ],
    [
      'Error creating Config: googleapi: Error 400: Identity Platform has already been enabled for this project.',
      `'adopt=["identity_platform"]'`,
    ],
    [
      'Error creating Database: googleapi: Error 409: Database already exists.',
      `'adopt=["database"]'`,
    ],
    [
      'Error creating Release: googleapi: Error 409: Requested entity already exists',
      `'adopt=["rules"]'`,
    ],
    [
      'Error creating Budget: googleapi: Error 403: The caller does not have permission',
      'gcloud billing accounts add-iam-policy-binding ACCOUNT_ID --member=user:you@example.com --role=roles/billing.costsManager',
    ],
    ['Error: Cannot import non-existent remote object', '--var adopt='],
    ['Error: Saved plan is stale', 'plans again'],
    [
      'Error creating Bucket: googleapi: Error 409: The requested bucket name is not available.',
      'another id',
    ],
    [
      "Error 403: Permission 'run.services.create' denied on resource",
      'gcloud projects add-iam-policy-binding my-project-1234 --member=user:you@example.com --role=roles/owner',
    ],
    [
      'ERROR: (gcloud.storage.cat) There was a problem refreshing your current auth tokens: invalid_grant',
      'gcloud auth login',
    ],
  ])('%s', (text, command) => {
    expect(remedyOf(text)).toContain(command);
  });
});

test('an account of a program is named as such', () => {
  const place = { ...PLACE, account: 'ci@my-project-1234.iam.gserviceaccount.com' };
  expect(decideFailure('PERMISSION_DENIED', place)).toMatchObject({
    remedy: [expect.stringContaining('--member=serviceAccount:ci@')],
  });
});

test('a command names a bucket of the state that is not the usual one', () => {
  const place = { ...PLACE, stateBucket: 'ours' };
  expect(decideFailure('Error creating Database: googleapi: Error 409', place)).toMatchObject({
    remedy: [
      `npm run deploy -- --project my-project-1234 --state-bucket ours --var 'adopt=["database"]'`,
      expect.any(String),
    ],
  });
});

test('a text that no rule knows is not guessed at', () => {
  // A build of a function that hangs for an hour would hang again.
  expect(
    decideFailure(
      "Error: Error waiting to create function: Error waiting for Creating function: timeout while waiting for state to become 'done: true'",
      PLACE,
    ),
  ).toBeUndefined();
  expect(decideFailure('Error: Invalid value for variable', PLACE)).toBeUndefined();
});
