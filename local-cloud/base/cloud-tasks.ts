/** The gRPC definition of Cloud Tasks. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/** From the descriptor of Google's client, which itself takes long to load. */
export function cloudTasks(): ServiceDefinition {
  const require = createRequire(import.meta.url);
  const protos = dirname(require.resolve('@google-cloud/tasks/build/protos'));
  const descriptor = JSON.parse(readFileSync(join(protos, 'protos.json'), 'utf8'));
  const definition = fromJSON(descriptor, {
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  return definition['google.cloud.tasks.v2.CloudTasks'] as ServiceDefinition;
}
