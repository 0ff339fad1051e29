/** The service definition, from the very files that the client library ships. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { WireDocument } from './wire.ts';

const clientPackage = createRequire(import.meta.url).resolve(
  '@google-cloud/firestore/package.json',
);

const definitions = loadSync('google/firestore/v1/firestore.proto', {
  includeDirs: [join(dirname(clientPackage), 'build/protos')],
  longs: String,
  enums: String,
  arrays: true,
  objects: true,
  oneofs: true,
});

export const firestoreService = definitions['google.firestore.v1.Firestore'] as ServiceDefinition;

/** How a document is written to bytes. */
export const documentMessage = definitions['google.firestore.v1.Document'] as unknown as {
  serialize(document: WireDocument): Buffer;
  deserialize(bytes: Buffer): WireDocument;
};
