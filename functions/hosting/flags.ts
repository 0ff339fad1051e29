/**
 * V8's flags that must be set while a unit runs. All others are start options: `NODE_OPTIONS` in `terraform/units.tf`, and in
 * `local/base/units.ts` for the same units on one machine.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 puts new objects into the old generation where earlier ones lived long, as buffers in transit do. Old buffers keep their
 * bytes until the next full collection. There would be one every 16 MB, for two thirds of the CPU time of an upload (25 ms instead of 9).
 *
 * NODE_OPTIONS does not accept this flag (https://nodejs.org/api/cli.html#node_optionsoptions), and Google sets the command
 * line of a function (https://cloud.google.com/docs/buildpacks/service-specific-configs#nodejs).
 */
export function keepBuffersYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * V8 lets garbage grow to the size of what is alive, and more. After this call it grows to a fifth.
 *
 * With it 1,000 streams stay below 256 MiB. It can go when `npm run bench -- one-instance` holds without it.
 *
 * As a start option it would collect in the middle of each cold start. After the start thousands of streams stay open for
 * minutes.
 */
export function collectEarlier(): void {
  setFlagsFromString('--heap-growing-percent=20');
}
