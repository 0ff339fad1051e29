/** What is deleted, brought back, exported and downloaded. */
import type { Mutation } from './mutation.ts';

const LEFT_BEHIND = 'a deletion that leaves owner or file name behind';
const BIN =
  'use of what is in the bin, or after its time; a worker or verdict that misses it there';
const FORMULA = 'a text that a spreadsheet runs as a formula';
const OUT_OF_FOLDER = 'a file name that leaves the folder or hides its ending';
const HELD_IN_ARCHIVE = 'an archive of what moderation holds back';
const LARGE_ARCHIVE = 'archives and tables of any size, many at once';
const BIN_TEST = 'functions/features/bin/bin.test.ts';

export const LIBRARY: readonly Mutation[] = [
  {
    threat: LEFT_BEHIND,
    without: 'overwriting what is deleted on this machine',
    edits: [
      ['local-cloud/base/data-file.ts', 'PRAGMA secure_delete = ON', 'PRAGMA secure_delete = OFF'],
    ],
    tests: ['local-cloud/firestore/disk.test.ts', 'nothing of a deleted document'],
  },
  {
    threat: FORMULA,
    without: 'the apostrophe',
    edits: [['functions/features/export/csv.ts', 'cell.replace(FORMULA, "\'")', 'cell']],
    tests: ['functions/features/export/csv.test.ts', '=1+1'],
  },
  {
    threat: FORMULA,
    without: 'a look behind a line break that is the first character',
    edits: [['functions/features/export/csv.ts', '(?<=^|[;\\t-', '(?:^|(?<=.)[;\\t-']],
    tests: ['functions/features/export/csv.test.ts', '=1'],
  },
  {
    threat: OUT_OF_FOLDER,
    without: 'cleaning the name',
    edits: [
      [
        'functions/features/export/file-names.ts',
        'const clean = cleaned(wanted);',
        'const clean = wanted;',
      ],
    ],
    tests: ['functions/features/export/file-names.test.ts', 'etc/passwd'],
  },
  {
    threat: HELD_IN_ARCHIVE,
    without: 'a look at each file before it is sent',
    edits: [
      [
        'functions/features/export/download.ts',
        '!present || !mayBeServed(present, moments)',
        '!present',
      ],
    ],
    tests: ['functions/features/export/download.test.ts', 'what is found to be unsafe'],
  },
  {
    threat: HELD_IN_ARCHIVE,
    without: 'leaving it out',
    edits: [
      [
        'functions/features/export/download.ts',
        'records.filter(isStored).filter((record) => mayBeServed(record, moments))',
        'records.filter(isStored)',
      ],
    ],
    tests: ['test/journey/moderation.test.ts', 'what is unsafe is held back'],
  },
  {
    threat: LARGE_ARCHIVE,
    without: 'the limit',
    edits: [['functions/features/export/download.ts', '    refuseLarge(given);\n', '']],
    tests: ['test/journey/export.test.ts', 'says how much is too much'],
  },
  {
    threat: BIN,
    without: 'looking at the time',
    edits: [
      [
        'functions/features/bin/bin.ts',
        'if (!binned || this.#isOver(binned)) throw notFound(id);',
        'if (!binned) throw notFound(id);',
      ],
    ],
    tests: [BIN_TEST, 'nothing comes back, and the sweeper'],
  },
  {
    threat: BIN,
    without: 'looking at the owner of what is shown',
    edits: [
      ['functions/features/bin/bin.ts', 'if (binned?.owner_id !== ownerId || ', 'if (!binned || '],
    ],
    tests: [BIN_TEST, 'another owner neither deletes'],
  },
  {
    threat: BIN,
    without: 'a worker that looks into the bin too',
    edits: [
      [
        'functions/core/media/store.ts',
        'getAll(this.ref(id), ...this.#moments.keptAt(id))',
        'getAll(this.ref(id))',
      ],
    ],
    tests: [BIN_TEST, 'loses no object to the worker'],
  },
  {
    threat: BIN,
    without: 'telling the copies in the bin',
    edits: [
      [
        'functions/features/moderation/store.ts',
        '[this.#media(), this.#firestore.collection(BIN_COLLECTION)]',
        '[this.#media()]',
      ],
    ],
    tests: [BIN_TEST, 'a decision reaches the copy in the bin'],
  },
  {
    threat: LEFT_BEHIND,
    without: 'removing the names of files',
    edits: [['functions/core/media/remove.ts', '    media.forgetFileNames(id),\n', '']],
    tests: ['test/journey/owner.test.ts', 'a deletion leaves no name'],
  },
  {
    threat: LEFT_BEHIND,
    without: 'removing the records',
    edits: [
      [
        'functions/features/owner-data/owner.ts',
        '  for (const each of records) await removeRecords(each, ownerId, deps);\n',
        '',
      ],
    ],
    tests: ['test/journey/owner.test.ts', 'nothing of an owner is left'],
  },
];
