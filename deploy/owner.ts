/** `npm run owner -- erase|export OWNER_ID`: erases or exports all data of one owner. `docs/owner-data.md` has more. */
import { readOwnedPage } from '../functions/core/media/owned-media.ts';
import { eraseOwner, exportOwner, type OwnerDeps } from '../functions/features/owner-data/owner.ts';
import { exitWithFailure, PlainError } from './command-failure.ts';
import { readCommand } from './npm-options.ts';
import { openMedia } from './open-media.ts';

const USAGE = `npm run owner -- erase OWNER_ID --yes [--local]
npm run owner -- export OWNER_ID FOLDER [--local]

  OWNER_ID  "sub" of the owner's tokens
  --yes     without it, erase only says how many media there are
  --local   the data of "npm start" on this machine, which must not run meanwhile.
            Without it: the project that the settings of the api name (docs/owner-data.md)`;

const { action, ownerId, folder, isLocal, isSure } = readArguments();
try {
  const { kit, close } = await openMedia('owner', isLocal);
  await run(kit);
  await close();
  process.exit(0);
} catch (error) {
  exitWithFailure(error);
}

async function run(deps: OwnerDeps): Promise<void> {
  if (action === 'export') {
    const progress = (written: number) => console.log(`${written} media written`);
    const { media, withoutBytes, held, missing } = await exportOwner(
      ownerId,
      folder,
      deps,
      progress,
    );
    console.log(
      `Exported ${media} media to ${folder}; ${withoutBytes} of them have no stored file.`,
    );
    if (held > 0) {
      console.log(
        `The files of ${held} are left out, because moderation holds them back; media.json says "held" of each. docs/moderation.md says how they are approved.`,
      );
    }
    if (missing.length === 0) return;
    for (const { id, file_name, why } of missing) console.error(`${id} (${file_name}): ${why}`);
    throw new PlainError(
      `${missing.length} files could not be exported; media.json names them. Run it again, and it tries these alone.`,
    );
  } else if (isSure) {
    const progress = (removed: number) => console.log(`${removed} media removed`);
    const removed = await eraseOwner(ownerId, deps, progress);
    console.log(`Erased ${removed} media and all records of the owner.`);
    console.log('What remains for a time, and where the account is: docs/owner-data.md');
  } else {
    const { records, nextPageToken } = await readOwnedPage(deps.firestore, ownerId, 100);
    const count = nextPageToken === undefined ? records.length : `more than ${records.length}`;
    let others = '';
    for (const { setAside } of deps.moments.ownerData) {
      const there = (await setAside?.count(ownerId, 100)) ?? 0;
      if (there === 0) continue;
      others += `, and ${there === 100 ? 'at least 100' : there} in the ${setAside?.place}`;
    }
    console.log(`The owner has ${count} media${others}. Add --yes to erase them.`);
  }
}

function readArguments() {
  const options = {
    yes: { type: 'boolean', default: false },
    local: { type: 'boolean', default: false },
  } as const;
  return readCommand('owner', USAGE, options, (values, positionals) => {
    const [action, ownerId, folder = '', ...more] = positionals;
    const isErase = action === 'erase' && folder === '';
    const isExport = action === 'export' && folder !== '';
    if (!ownerId || more.length > 0 || !(isErase || isExport)) throw new Error(USAGE);
    return { action, ownerId, folder, isLocal: values.local, isSure: values.yes };
  });
}
