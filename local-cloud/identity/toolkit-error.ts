/**
 * An error of Identity Toolkit or its token service, in Google's format:
 * https://cloud.google.com/identity-platform/docs/error-codes
 */
export class ToolkitError extends Error {
  override readonly name = 'ToolkitError';
  readonly status: number;
  readonly #reason: string | undefined;

  /**
   * @param message a code such as `EMAIL_EXISTS`, maybe with words after it; or words, for errors of the API key
   * @param options.reason the reason in `details`, which errors of the API key have
   */
  constructor(
    message: string,
    { status = 400, reason }: { status?: number; reason?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.#reason = reason;
  }

  /** The body of the answer. */
  toJSON(): object {
    const { status: code, message } = this;
    const reason = code === 403 ? 'forbidden' : 'invalid';
    return {
      error: {
        code,
        message,
        errors: [{ message, domain: 'global', reason }],
        status: code === 403 ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT',
        ...(this.#reason !== undefined && {
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: this.#reason,
              domain: 'googleapis.com',
            },
          ],
        }),
      },
    };
  }
}
