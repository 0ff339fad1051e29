/** The collections of the database. A check compares Terraform and firestore.indexes.json with this list. */
interface Collection {
  /** Firestore deletes a record after the time in this field: https://firebase.google.com/docs/firestore/ttl */
  ttl?: string;
}

export const COLLECTIONS = {
  media: {},
  bin: {},
  idempotency: { ttl: 'expires_at' },
  daily_uploads: { ttl: 'expires_at' },
  daily_spend: { ttl: 'expires_at' },
  sweeps: {},
  removed_usage: { ttl: 'expires_at' },
  reanalyses: { ttl: 'expires_at' },
  hourly_quotes: { ttl: 'expires_at' },
  earlier_results: {},
  service_keys: {},
  webhooks: {},
  webhook_deliveries: { ttl: 'expires_at' },
  webhook_receivers: { ttl: 'expires_at' },
  imports: { ttl: 'expires_at' },
} as const satisfies Record<string, Collection>;
