/** The meaning of Google's errors, as gcloud or Terraform prints them, for a deployment, and the remedies. */

import { commandOf, type Target } from './options.ts';

/** The names that remedies need. */
export interface Place extends Target {
  /** The signed-in user. */
  account: string;
}

export type Failure =
  /** A temporary error: the same command works a little later. */
  | { kind: 'wait'; why: string }
  /** The user has to do something first. */
  | { kind: 'stop'; what: string; remedy: string[] };

interface Rule {
  pattern: RegExp;
  decide(found: RegExpExecArray, place: Place): Failure;
}

const wait = (pattern: RegExp, why: string): Rule => ({
  pattern,
  decide: () => ({ kind: 'wait', why }),
});
const stop = (
  pattern: RegExp,
  decide: (found: RegExpExecArray, place: Place) => { what: string; remedy: string[] },
): Rule => ({ pattern, decide: (found, place) => ({ kind: 'stop', ...decide(found, place) }) });

/** The member of a grant: `user:…`, or `serviceAccount:…`. */
function memberOf(account: string): string {
  return `${account.endsWith('.gserviceaccount.com') ? 'serviceAccount' : 'user'}:${account}`;
}

export function grantOwner({ project, account }: Place): string {
  return `gcloud projects add-iam-policy-binding ${project} --member=${memberOf(account)} --role=roles/owner`;
}

/** @param billingAccount as `012345-6789AB-CDEF01` */
export function budgetRemedy(place: Place, billingAccount = 'ACCOUNT_ID'): string[] {
  const grant = `gcloud billing accounts add-iam-policy-binding ${billingAccount} --member=${memberOf(place.account)} --role=roles/billing.costsManager`;
  return [
    `An administrator of the billing account runs: ${grant}`,
    `${commandOf(place, '--var billing_account=')}   makes no budget`,
  ];
}

/** The first rule that fits decides, so lasting errors stand before temporary ones. */
const RULES: readonly Rule[] = [
  stop(
    /BILLING_DISABLED|billing to be enabled|billing account for project .* is (?:not found|disabled)|billing account .*not (?:in good standing|open)|requires billing/i,
    (_, { project }) => ({
      what: `The project ${project} has no working billing account.`,
      remedy: [
        'gcloud billing accounts list',
        `gcloud billing projects link ${project} --billing-account=ACCOUNT_ID`,
      ],
    }),
  ),
  // https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains
  stop(
    /iam\.allowedPolicyMemberDomains|iam\.managed\.allowedPolicyMembers|do not belong to a permitted customer|organization policy[^\n]*allUsers/i,
    ({ 0: found }, place) => ({
      what: `Your organisation does not allow this grant (${found}).`,
      remedy: [
        commandOf(place, '--var api_is_open_by_grant=false'),
        '(terraform/README.md, "Problems that appear only at apply", says what to do with a domain.)',
      ],
    }),
  ),
  stop(
    /(?:violates|violated|denied by|constraint)[^\n]*?(?:constraints\/)?\b((?:[a-z]+\.)+(?:[a-z]+[A-Z]\w*|managed\.\w+))/,
    (found, { project }) => ({
      what: `A policy of your organisation forbids this (constraints/${found[1]}).`,
      remedy: [
        `gcloud org-policies describe ${found[1]} --project=${project} --effective`,
        'Ask the administrator of your organisation for an exception for this project.',
      ],
    }),
  ),
  // By minute: https://cloud.google.com/docs/quotas/overview#rate-quotas
  wait(
    /RATE_LIMIT_EXCEEDED|quota metric '[^']*' and limit '[^']*per minute/i,
    'Google allows only so many requests a minute.',
  ),
  stop(
    /QUOTA_EXCEEDED|quota (?:exceeded|violated)[^\n]*|must be set to \d+ or fewer|due to quota restrictions|exceeds? (?:the )?(?:maximum|quota|limit)[^\n]*|Quota '[^']+' exceeded|RESOURCE_EXHAUSTED/i,
    ({ 0: found }, place) => ({
      what: `The project may not have so much (${found.trim()}).`,
      remedy: [
        `https://console.cloud.google.com/iam-admin/quotas?project=${place.project}  asks Google for more`,
        `${commandOf(place, `--var 'api_capacity={"max_instances":5}'`)}  takes less`,
      ],
    }),
  ),
  stop(
    /no such host|could not resolve (?:host|proxy)|name or service not known|temporary failure in name resolution|network is unreachable|unable to find the server at|failed to resolve|nodename nor servname|ENOTFOUND|EAI_AGAIN/i,
    () => ({
      what: 'Google cannot be reached from here: there is no network, or only one behind a proxy.',
      remedy: ['Check your connection. Behind a proxy set HTTPS_PROXY. Then try again.'],
    }),
  ),
  wait(
    /has not been used in project|SERVICE_DISABLED|it is disabled\. Enable it by visiting|API .*not enabled on project/i,
    'An API that was just enabled is not known everywhere.',
  ),
  wait(
    /service agents? (?:are|is) being provisioned|service agent[^\n]*does not exist|unable to (?:retrieve|find) [^\n]*service agent/i,
    'Google is setting up its own accounts (service agents) in the project.',
  ),
  wait(
    /service account [^\n]*does not exist|Service account \S+ (?:was )?not found|Role \S+ (?:does not exist|is not supported)|concurrent policy changes|Permission '?iam\.serviceaccounts\.actAs'? denied[^\n]*media-|Error 403[^\n]*(?:media-build|gcp-sa-)/i,
    'A new account or grant is not known everywhere.',
  ),
  wait(
    /cannot find metric|metric descriptor[^\n]*not|No such metric|could not find descriptor/i,
    'A new metric is not known everywhere.',
  ),
  // The name of a deleted database: https://cloud.google.com/firestore/docs/manage-databases#delete_a_database
  wait(
    /please retry in \d+ seconds|Database ID '[^']*' is not available/i,
    'The name of a deleted database is free again after some minutes.',
  ),
  stop(
    /queue cannot be created because a queue with this name existed too recently/i,
    (_, place) => ({
      what: 'A deleted queue keeps its name for about three days.',
      remedy: [
        commandOf(
          place,
          '--var upload_queue=media-upload-2 --var analyze_queue=media-analyze-2 --var flex_queue=media-flex-2 --var webhook_queue=media-webhooks-2 --var slow_webhook_queue=media-slow-webhooks-2',
        ),
      ],
    }),
  ),
  stop(
    /identity platform has already been enabled|already been enabled for this project/i,
    (_, place) => ({
      what: `The project ${place.project} has Identity Platform already. Taking it over changes who may sign in, for everything that uses it.`,
      remedy: [commandOf(place, `--var 'adopt=["identity_platform"]'`)],
    }),
  ),
  stop(/Error creating Database[^\n]*(?:409|already exists)/i, (_, place) => ({
    what: `The project ${place.project} has a Firestore database already. If nothing else uses it, it can be taken over; else give the product one of its own.`,
    remedy: [
      commandOf(place, `--var 'adopt=["database"]'`),
      commandOf(place, '--var firestore_database=media'),
    ],
  })),
  stop(/Error creating Release[^\n]*(?:409|already exists)/i, (_, place) => ({
    what: 'The Firestore database has rules already. Taking them over replaces them.',
    remedy: [commandOf(place, `--var 'adopt=["rules"]'`)],
  })),
  stop(/Cannot import non-existent remote object/, (_, place) => ({
    what: 'The setting adopt names something that the project does not have.',
    remedy: [
      `${commandOf(place, '--var adopt=')}   takes nothing over; then add what the project has`,
    ],
  })),
  stop(/Saved plan is stale/, (_, place) => ({
    what: 'Another run has changed something since this plan was made, so it was not applied.',
    remedy: [`${commandOf(place)}   plans again`],
  })),
  // Terraform waits for 20 minutes and then forgets the index, which Google continues to build. The next apply takes it over.
  // https://github.com/GoogleCloudPlatform/k8s-config-connector/issues/7656
  wait(
    /waiting (?:to|for) \w+ (?:Index|Field):[^\n]*timeout while waiting/i,
    'Firestore is still at work on an index: it has many media.',
  ),
  // A schedule is refused while Firestore sets the database up: https://github.com/hashicorp/terraform-provider-google/issues/21577
  wait(/Error creating BackupSchedule[^\n]*Error 403/, 'A new database is not known everywhere.'),
  stop(
    /Error (?:creating|reading|updating|when reading or editing|deleting)[^\n]*Budget[^\n]*Error 403/,
    (_, place) => ({
      what: `${place.account} may not make or change budgets on the billing account.`,
      remedy: budgetRemedy(place),
    }),
  ),
  stop(
    /Error 412: The bucket|bucket name is not available|requested bucket name is not available|Error creating Bucket[^\n]*409[^\n]*not available/i,
    () => ({
      what: 'A bucket of that name belongs to somebody else: names of buckets are unique in all of Google Cloud.',
      remedy: ['Use a project with another id: the buckets are called after it.'],
    }),
  ),
  stop(
    /PERMISSION_DENIED|Error 403|does not have[^\n]*permission|Permission [^\n]* denied|HTTPError 403|forbidden/i,
    (_, place) => ({
      what: `${place.account} may not do this in the project ${place.project}.`,
      remedy: [`An owner of the project runs: ${grantOwner(place)}`],
    }),
  ),
  wait(
    /Aborted due to cross-transaction contention|underlying data changed/i,
    'Firestore has too much to do at once.',
  ),
  wait(
    /UNAVAILABLE|Error 50[0234]|connection (?:reset|refused)|i\/o timeout|TLS handshake timeout|try again later|currently unavailable/i,
    'Google does not answer at the moment.',
  ),
  stop(
    /reauth|invalid_grant|UNAUTHENTICATED|Error 401|gcloud auth login|could not find default credentials/i,
    () => ({
      what: 'Google does not accept your sign-in any more.',
      remedy: ['gcloud auth login'],
    }),
  ),
];

/**
 * @param output of gcloud or Terraform
 * @returns undefined if no rule knows it
 * @example
 * decideFailure('… Service agents are being provisioned …', place) // { kind: 'wait', … }
 */
export function decideFailure(output: string, place: Place): Failure | undefined {
  for (const { pattern, decide } of RULES) {
    const found = pattern.exec(output);
    if (found) return decide(found, place);
  }
  return undefined;
}
