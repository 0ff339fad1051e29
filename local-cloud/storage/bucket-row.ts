/** All settings as the caller set them: `cors`, `labels`, `lifecycle` and so on. */
export type BucketMetadata = Record<string, unknown>;

export interface BucketRow {
  name: string;
  metageneration: number;
  metadata: BucketMetadata;
  created: number;
  updated: number;
}

/** Distinguishes a deleted bucket from a newer bucket of the same name. */
export function generationOfBucket({ created }: BucketRow): number {
  return created * 1_000;
}

/** True if the bucket was created with `hierarchicalNamespace`. */
export function hasFolders({ hierarchicalNamespace }: BucketMetadata): boolean {
  return (hierarchicalNamespace as { enabled?: unknown } | undefined)?.enabled === true;
}
