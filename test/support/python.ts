import { execFileSync } from 'node:child_process';

/** The name of Python 3 on this machine, where it has one of this minor version or a newer one. */
export function findPython(minor: number): string | undefined {
  return ['python3', 'python'].find((name) => {
    try {
      execFileSync(name, ['-c', `import sys; sys.exit(sys.version_info < (3, ${minor}))`]);
      return true;
    } catch {
      return false;
    }
  });
}
