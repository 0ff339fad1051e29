/** The page for the stream unit: the built files, each with its compressed copies. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { ENCODINGS } from '../functions/hosting/page.ts';

const COMPRESS = { br: promisify(brotliCompress), gzip: promisify(gzip) };
const TEXTS = ['.css', '.html', '.js', '.svg', '.txt'];

/** @param built folder of the built page @param folder receives a copy of it */
export async function copyPage(built: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const entries = await readdir(built, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const source = join(parentPath, name);
      const target = join(folder, source.slice(built.length));
      const bytes = await readFile(source);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bytes);
      if (!TEXTS.includes(extname(name))) return;
      for (const [encoding, ending] of ENCODINGS) {
        const small = await COMPRESS[encoding](bytes);
        // A compressed copy that saves nothing only costs the browser work.
        if (small.length < bytes.length) await writeFile(target + ending, small);
      }
    }),
  );
}
