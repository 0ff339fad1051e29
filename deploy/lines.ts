/**
 * `npm run lines`: counts the lines of the product by room, and the words of the documents. Tests and what is generated do not
 * count; styles do.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PRODUCT = ['functions', 'web', 'shared', 'cli', 'vision', 'sandbox'];
const DEPLOYMENT = ['deploy', 'terraform'];
/** How many folders name a room, where that is not one. */
const DEPTH: Record<string, number> = { functions: 2, 'functions/features': 3, web: 3 };

const isTest = (path: string) =>
  /\.test\.tsx?$|\.tftest\.hcl$|(^|\/)(testing|tests)(\/|\.ts)/.test(path);
const isCode = (path: string) => /\.(tsx?|mjs|css|html|tf|hcl)$/.test(path) && !isTest(path);

function roomOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  const [one = '', two] = folders;
  return folders.slice(0, DEPTH[`${one}/${two}`] ?? DEPTH[one] ?? 1).join('/');
}

const paths = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

function printTable(rooms: readonly string[]): void {
  const lines = new Map<string, number>();
  const code = paths.filter((path) => isCode(path) && rooms.includes(path.split('/')[0] ?? ''));
  for (const path of code) {
    const count = read(path).split('\n').length - 1;
    const room = roomOf(path);
    lines.set(room, (lines.get(room) ?? 0) + count);
  }
  const total = [...lines.values()].reduce((sum, count) => sum + count, 0);
  for (const [room, count] of [...lines].sort()) console.log(`| ${room} | ${count} |`);
  console.log(`| **${rooms.join(', ')}** | **${total}** |`);
}

console.log('| Room | Lines |\n|---|---|');
printTable(PRODUCT);
printTable(DEPLOYMENT);
const words = paths
  .filter((path) => path.endsWith('.md'))
  .reduce((sum, path) => sum + (read(path).match(/\S+/g)?.length ?? 0), 0);
console.log(`| **words of documents** | **${words}** |`);
