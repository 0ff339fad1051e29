/** `npm run moderation -- list|look|approve|reject`: an operator decides about withheld media. `docs/moderation.md` has more. */
import { writeFile } from 'node:fs/promises';
import { AppError } from '@media-analysis/shared/errors';
import type { ApiConfig } from '../functions/api/config.ts';
import type { MediaRecord } from '../functions/core/media/record.ts';
import { ModerationStore } from '../functions/features/moderation/store.ts';
import { withheldOf } from '../functions/features/moderation/withheld.ts';
import { exitWithFailure } from './command-failure.ts';
import { readCommand } from './npm-options.ts';
import { type MediaKit, openMedia } from './open-media.ts';

const USAGE = `npm run moderation -- list [--all] [--local]
npm run moderation -- look MEDIA_ID FILE [--local]
npm run moderation -- approve MEDIA_ID --by NAME [--local]
npm run moderation -- reject MEDIA_ID --by NAME [--local]

  list      what a model calls unsafe, and nobody has decided about
  --all     all that is held back, also what was not checked or is rejected.
            This reads the record of every media
  look      writes the preview of a photo to FILE, or its original where there is
            none; of a video the original
  --by      who decides; it is kept in the record
  --local   the data of "npm start" on this machine, which must not run meanwhile.
            Without it: the project that the settings of the api name (docs/owner-data.md)`;

const { action, id, file, by, isLocal, isAll } = readArguments();
try {
  const { kit, config, close } = await openMedia('moderation', isLocal);
  await run(kit, config);
  await close();
  process.exit(0);
} catch (error) {
  exitWithFailure(error);
}

async function run(
  { firestore, objects }: MediaKit,
  { MODERATION }: Pick<ApiConfig, 'MODERATION'>,
): Promise<void> {
  const store = new ModerationStore(firestore);
  if (MODERATION === 'off') {
    console.log(
      isLocal
        ? 'MODERATION is not set here. Without it, "npm start" holds nothing back, whatever is decided here.'
        : 'MODERATION is off: nothing is held back, whatever is decided here.',
    );
  }
  switch (action) {
    case 'list': {
      let count = 0;
      for await (const record of isAll ? store.withheld() : store.waiting()) {
        console.log(lineOf(record));
        count++;
      }
      console.log(`${count} media`);
      return;
    }
    case 'look': {
      const { preview_object, object, file_name, facts } = await store.get(id);
      // The preview of a video is a picture that its sender has chosen.
      const name = facts?.kind === 'video' ? object : (preview_object ?? object);
      const bytes = name === null ? undefined : await objects.readMedia(name);
      if (!bytes) throw new AppError('not_ready', `"${file_name}" is not stored.`);
      // Never overwrites another file.
      await writeFile(file, bytes, { flag: 'wx' });
      console.log(`Written to ${file}. Delete it when you have decided.`);
      return;
    }
    default: {
      const kind = action === 'approve' ? 'approved' : 'rejected';
      const count = await store.decide(id, kind, by);
      console.log(`${count} media with this content ${count === 1 ? 'is' : 'are'} ${kind}.`);
    }
  }
}

/** File names and words of a model may contain control sequences of a terminal, so both are written as JSON. */
function lineOf(record: MediaRecord): string {
  const { categories = [] } = record.analytics?.safety ?? {};
  return [
    record.id,
    withheldOf(record, 'hold') ?? 'approved',
    JSON.stringify(categories),
    JSON.stringify(record.owner_id),
    JSON.stringify(record.file_name),
    record.created_at.toDate().toISOString(),
    ...(record.moderation?.decisions ?? []).map(
      (each) => `${each.kind} by ${JSON.stringify(each.by)} ${each.at.toDate().toISOString()}`,
    ),
  ].join('  ');
}

function readArguments() {
  const options = {
    all: { type: 'boolean', default: false },
    by: { type: 'string', default: '' },
    local: { type: 'boolean', default: false },
  } as const;
  return readCommand('moderation', USAGE, options, (values, positionals) => {
    const [name, id = '', file = '', ...more] = positionals;
    const action = (['list', 'look', 'approve', 'reject'] as const).find((each) => each === name);
    const by = values.by.trim();
    if ((action === 'approve' || action === 'reject') && by === '') {
      throw new Error('Say who decides, with --by NAME.');
    }
    const isComplete = {
      list: id === '',
      look: id !== '' && file !== '',
      approve: id !== '' && file === '',
      reject: id !== '' && file === '',
    };
    if (!action || !isComplete[action] || more.length > 0) throw new Error(USAGE);
    return { action, id, file, by, isLocal: values.local, isAll: values.all };
  });
}
