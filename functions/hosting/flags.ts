/**
 * Flags of V8 that have to be set while a unit runs. All others are start options: `NODE_OPTIONS` in
 * `terraform/units.tf`, and `NODE_OPTIONS` in `local/base/units.ts` for the same units on this machine.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 makes objects old at once where those made before have lived long, as read buffers in transit do. An old one keeps its
 * bytes until the next full collection: there would be one every 16 MB, for two thirds of the CPU of an upload.
 *
 * Why here: NODE_OPTIONS takes few flags of V8, and not this one (https://nodejs.org/api/cli.html#node_optionsoptions).
 * The command line of a function is Google's (https://cloud.google.com/docs/buildpacks/service-specific-configs#nodejs).
 */
export function keepBuffersYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * V8 lets garbage grow to as much as is alive, and more; from this call on, to a fifth of it.
 *
 * Why here: as a start option it would collect in the middle of each cold start. What is alive after the start is
 * what is watched, for minutes and by thousands.
 */
export function collectEarlier(): void {
  setFlagsFromString('--heap-growing-percent=20');
}
