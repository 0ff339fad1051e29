/** What Terraform makes: the buckets and the queues. */
import { CloudTasksClient } from '@google-cloud/tasks';
import { credentials as grpcCredentials, Metadata } from '@grpc/grpc-js';
import type { Certificate } from './certificate.ts';
import { BUCKETS, PROJECT, QUEUES, REGION } from './project.ts';

/** @param port Of the storage of this machine, which asks for no token. */
export async function createBuckets(port: number): Promise<void> {
  for (const name of Object.values(BUCKETS)) {
    await fetch(`http://127.0.0.1:${port}/storage/v1/b?project=${PROJECT}`, {
      method: 'POST',
      body: JSON.stringify({ name }),
    });
  }
}

/** @param token An access token of an account that may make queues. */
export async function createQueues(
  port: number,
  { cert }: Certificate,
  token: string,
): Promise<void> {
  const authorization = new Metadata();
  authorization.set('authorization', `Bearer ${token}`);
  const sslCreds = grpcCredentials.combineChannelCredentials(
    grpcCredentials.createSsl(Buffer.from(cert)),
    grpcCredentials.createFromMetadataGenerator((_, done) => done(null, authorization)),
  );
  const client = new CloudTasksClient({
    projectId: PROJECT,
    apiEndpoint: '127.0.0.1',
    port,
    sslCreds,
    universeDomain: 'googleapis.com',
    'grpc.ssl_target_name_override': 'cloudtasks.googleapis.com',
  });
  const parent = client.locationPath(PROJECT, REGION);
  for (const id of QUEUES) {
    const name = client.queuePath(PROJECT, REGION, id);
    const retryConfig = { maxAttempts: -1, minBackoff: { nanos: 100_000_000 } };
    await client.createQueue({ parent, queue: { name, retryConfig } });
  }
  await client.close();
}
