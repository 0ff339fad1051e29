/**
 * One deployment at a time from one folder. Two would build into the same `dist/`, and share `terraform/.terraform`, which
 * names the bucket of the state: the second `terraform init` would give the first run the state of another project.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeployError } from './deployment.ts';

/** @param root the project's folder @returns a function that releases it @throws {DeployError} if another run holds it */
export function holdFolder(root: string): () => void {
  const path = join(root, 'terraform/.deploying');
  const other = holderOf(path);
  if (other === process.pid) return () => undefined;
  if (other !== undefined && isRunning(other)) {
    throw new DeployError(`Another deployment runs from this folder (process ${other}).`, [
      'Wait until it has ended, or use another copy of the folder: git worktree add ../another',
      `rm ${path}   if process ${other} is no deployment`,
    ]);
  }
  writeFileSync(path, String(process.pid));
  return () => rmSync(path, { force: true });
}

/** @returns undefined if nobody holds it */
function holderOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A run that was killed leaves its process id behind. https://nodejs.org/api/process.html#processkillpid-signal */
function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
