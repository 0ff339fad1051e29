import { execFileSync } from 'node:child_process';

/** Whether npm reaches its registry, for tests that install what is no package of this project. */
export function isNpmReachable(name: string): boolean {
  try {
    execFileSync('npm', ['view', name, 'version', '--fetch-retries=0'], {
      shell: process.platform === 'win32',
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
