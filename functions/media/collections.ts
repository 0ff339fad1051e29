/** The collections of the database; Terraform and firestore.indexes.json are held against this list. */
interface Collection {
  /** The field after whose time Firestore deletes a record: https://firebase.google.com/docs/firestore/ttl */
  ttl?: string;
}

export const COLLECTIONS = {
  media: {},
  idempotency: { ttl: 'expires_at' },
  daily_bytes: { ttl: 'expires_at' },
  removed_usage: { ttl: 'expires_at' },
} as const satisfies Record<string, Collection>;

export type CollectionName = keyof typeof COLLECTIONS;
