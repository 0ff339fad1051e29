/** How a program that a test has started ended, and what it wrote. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export async function outcomeOf(child: ChildProcess & { stdout: Readable; stderr: Readable }) {
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { out, errors, code };
}
