/**
 * `npm run reading-networks`: gets the networks PP-OCRv6 small, with which `local/vision` reads more. They are in the Python
 * package `rapidocr`, which pip downloads; Python unpacks it, and nothing of it runs. `vision/networks/` deleted: as before.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DETECTOR, FOLDER, READER } from '@media-analysis/vision/reading-networks';

const PACKAGE = 'rapidocr==3.10.0';
/** SHA-256, as that package lists them itself. */
const SUMS = {
  [DETECTOR]: '090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f',
  [READER]: '6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884',
};

const scratch = mkdtempSync(join(tmpdir(), 'reading-networks-'));
try {
  console.log(`Downloading ${PACKAGE} (27 MB) with pip.`);
  python(
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '-d',
    scratch,
    PACKAGE,
  );
  const [wheel = ''] = readdirSync(scratch);
  python('-m', 'zipfile', '-e', join(scratch, wheel), scratch);
  const networks = Object.entries(SUMS).map(([name, sum]) => {
    const network = readFileSync(join(scratch, 'rapidocr', 'models', name));
    if (createHash('sha256').update(network).digest('hex') !== sum) {
      throw new Error(`${name} in ${PACKAGE} is another file than expected. Nothing was changed.`);
    }
    return { name, network };
  });
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, network } of networks) {
    const half = new URL(`${name}.half`, FOLDER);
    writeFileSync(half, network);
    renameSync(half, new URL(name, FOLDER));
  }
  console.log(`PP-OCRv6 small is in ${fileURLToPath(FOLDER)}. A start from now on reads with it;
what was described before stays until it is analysed again.
Licence: Apache-2.0, (c) the PaddleOCR authors, converted by RapidOCR. To go back, delete that folder.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function python(...args: string[]): void {
  const { error, status, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
  if (error) {
    throw new Error(
      `python3 with pip is needed for this, and could not be started (${error.message}).`,
    );
  }
  if (status !== 0) throw new Error(`python3 ${args.join(' ')} failed:\n${stderr.trim()}`);
}
