/** The names that all is under, as `terraform/` makes them. */
import type { UnitName } from '../../../local/base/units.ts';

export const PROJECT = 'deployed-project';
export const REGION = 'europe-west1';
export const BUCKETS = { staging: `${PROJECT}-media-staging`, media: `${PROJECT}-media` };
export const QUEUES = [
  'media-upload',
  'media-analyze',
  'media-flex',
  'media-webhooks',
  'media-slow-webhooks',
];
export const WORKER_HOST = 'media-worker-abcdefghij-ew.a.run.app';
export const WORKER_URL = `https://${WORKER_HOST}`;

/** As `terraform/accounts.tf` names them. */
export const accountOf = (name: UnitName | 'tasks') =>
  `media-${name}@${PROJECT}.iam.gserviceaccount.com`;
