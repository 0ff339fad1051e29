/** Why a picture was not analysed. */
type VisionFailure =
  /** Another attempt can succeed: the process ended, or its networks failed. */
  | 'unavailable'
  /** No attempt will succeed: the picture cannot be opened or takes too much CPU time, or the networks are not installed. */
  | 'rejected';

/** Code of the process's own error for a picture that cannot be opened. */
export const BAD_PICTURE = 'bad_picture';

export class VisionError extends Error {
  override readonly name = 'VisionError';
  readonly failure: VisionFailure;

  constructor(failure: VisionFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}
