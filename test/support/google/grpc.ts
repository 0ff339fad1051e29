/** Who may call Google's gRPC services: a token of an account in each call, and where the call belongs. */
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { NO_TOKEN } from './https.ts';
import type { AccessTokens } from './tokens.ts';

export interface GrpcCall {
  method: string;
  account: string;
}

/**
 * @param accounts Which may call.
 * @param onCall Told of each call that is let in.
 */
export function tokenInterceptor(
  tokens: AccessTokens,
  accounts: readonly string[],
  onCall: (call: GrpcCall) => void,
): ServerInterceptor {
  return (method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const account = tokens.accountOf(metadata.get('authorization')[0]?.toString());
            const refusal = refusalOf(account, accounts, metadata);
            if (refusal) return call.sendStatus(refusal);
            onCall({ method: method.path, account: account ?? '' });
            proceed(metadata);
          },
        }),
    });
}

function refusalOf(account: string | undefined, accounts: readonly string[], metadata: Metadata) {
  if (account === undefined) return { code: status.UNAUTHENTICATED, details: NO_TOKEN };
  if (!accounts.includes(account)) {
    return { code: status.PERMISSION_DENIED, details: `${account} may not.` };
  }
  // By it Google finds where the resource is: https://google.aip.dev/client-libraries/4222. A stream to and fro
  // has no request yet when it begins; there Firestore's client says it by a header of its own.
  const params = new URLSearchParams(metadata.get('x-goog-request-params')[0]?.toString());
  const [prefix = ''] = metadata.get('google-cloud-resource-prefix');
  const belongs = [...params.values(), prefix.toString()].some((value) =>
    value.startsWith('projects/'),
  );
  if (belongs) return undefined;
  return { code: status.INVALID_ARGUMENT, details: 'x-goog-request-params names no resource.' };
}
