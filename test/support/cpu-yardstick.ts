/**
 * How much CPU time, in seconds, one thread of this machine needs now for a piece of work that is always the same: a tenth
 * of a second on the machine on which it was written. Limits of CPU time are told in it, as no test judges the machine.
 */
export function cpuYardstick(): number {
  const before = process.cpuUsage();
  // A list of its own each time, so that no part of the work can be left out.
  for (let round = 0; round < 30; round++) {
    const numbers = Array.from({ length: 10_000 }, (_, i) => Math.imul(i + round, 2_654_435_761));
    JSON.parse(JSON.stringify(numbers.sort((a, b) => a - b)));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
