/** Google's services on this machine: each starts with one call, and Google's unmodified clients use it. */
export { DataDirError, lockDataDir } from './base/data-dir.ts';
export { DataFileError } from './base/data-file.ts';
export { isDiskFull } from './base/disk-full.ts';
export { EXEMPT_HEADER, type Fault, type FaultCode, FaultPlan } from './faults/plan.ts';
export { type IndexDefinitions, indexesSchema } from './firestore/query/indexes.ts';
export { type FirestoreOptions, type RunningService, startFirestore } from './firestore/server.ts';
export { createIdentity, type Identity, type TokenRequest } from './identity/identity.ts';
export {
  type IdentityServerOptions,
  type RunningIdentity,
  type SignInAddresses,
  type SignInOptions,
  startIdentity,
} from './identity/server.ts';
export type { Mail } from './identity/toolkit.ts';
export type { Publish } from './storage/notifications.ts';
export { type StorageOptions, startStorage } from './storage/server.ts';
export { type RunningTasks, startTasks, type TasksOptions } from './tasks/server.ts';
