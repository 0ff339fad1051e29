/**
 * gRPC codes that the units act on. `@grpc/grpc-js` has them all, but a unit loads that package only with its first client.
 * https://grpc.io/docs/guides/status-codes/
 */
export const DEADLINE_EXCEEDED = 4;
export const NOT_FOUND = 5;
export const ALREADY_EXISTS = 6;
export const FAILED_PRECONDITION = 9;
export const ABORTED = 10;
export const UNAVAILABLE = 14;

/** @example hasCode(error, NOT_FOUND, FAILED_PRECONDITION) */
export function hasCode(error: unknown, ...codes: number[]): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' && codes.includes(code);
}

/** The service is at fault: the code is what gRPC gives that. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = DEADLINE_EXCEEDED;

  constructor(service: string, ms: number) {
    super(`${service} did not answer within ${ms} ms.`);
  }
}
