/** Why a picture was not analysed. */
type VisionFailure =
  /** Another attempt can succeed: the process ended, is busy, or its networks failed. */
  | 'unavailable'
  /** Another attempt can succeed: the process did not answer in time. */
  | 'timeout'
  /** No attempt will succeed: the picture cannot be opened, or the networks are not installed. */
  | 'rejected';

export class VisionError extends Error {
  override readonly name = 'VisionError';
  readonly failure: VisionFailure;

  constructor(failure: VisionFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}
