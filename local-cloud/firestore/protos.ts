/**
 * The service definition, from the descriptor of the client library. That descriptor lacks the `verify`
 * writes, which Google's web clients send, so this file adds their field.
 * https://github.com/firebase/firebase-js-sdk/blob/main/packages/firestore/src/protos/google/firestore/v1/write.proto
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import type { WireDocument } from './wire.ts';

const clientPackage = createRequire(import.meta.url).resolve(
  '@google-cloud/firestore/package.json',
);
const descriptor = JSON.parse(
  readFileSync(join(dirname(clientPackage), 'build/protos/v1.json'), 'utf8'),
);
const { Write: write } = descriptor.nested.google.nested.firestore.nested.v1.nested;
write.fields.verify = { type: 'string', id: 5 };
write.oneofs.operation.oneof.push('verify');

const definitions = fromJSON(descriptor, {
  longs: String,
  enums: String,
  arrays: true,
  objects: true,
  oneofs: true,
});

export const firestoreService = definitions['google.firestore.v1.Firestore'] as ServiceDefinition;

/** Encodes and decodes a document. */
export const documentMessage = definitions['google.firestore.v1.Document'] as unknown as {
  serialize(document: WireDocument): Buffer;
  deserialize(bytes: Buffer): WireDocument;
};
