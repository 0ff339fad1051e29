/** Messages for the case that a bucket cannot be read. */
import type { BucketClosedError } from '../../storage/list-bucket.ts';

export function notListedText(bucket: string): string {
  return `"${bucket}" is none of the buckets from which may be imported. An operator adds it to IMPORT_BUCKETS (import_buckets in Terraform). Then resume the import.`;
}

/** Cloud Storage may name the account that it refused. */
const ACCOUNT = /\b[\w.-]+@[\w.-]+\.iam\.gserviceaccount\.com\b/;

export function closedText(bucket: string, error: BucketClosedError): string {
  if (error.code === 404) {
    return `There is no bucket "${bucket}". Begin an import of the right one.`;
  }
  const account = ACCOUNT.exec(error.message)?.[0] ?? 'WORKER_SERVICE_ACCOUNT';
  return `The service may not read the bucket "${bucket}". An operator runs: gcloud storage buckets add-iam-policy-binding gs://${bucket} --member=serviceAccount:${account} --role=roles/storage.objectViewer – and then resume the import.`;
}
