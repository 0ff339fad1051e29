/** Why a picture was not analysed. */
type VisionFailure =
  /** Another attempt can succeed: the process ended, is busy, or its networks failed. */
  | 'unavailable'
  /** Another attempt can succeed: the picture took more CPU time than it may. */
  | 'timeout'
  /** No attempt will succeed: the picture cannot be opened, or the networks are not installed. */
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
