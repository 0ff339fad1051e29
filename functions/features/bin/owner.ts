/** The media of an owner that are in the bin, for the commands that export and erase an owner. */
import type { OwnerData, SetAside } from '../../core/media/moments.ts';
import { refuseNewer } from '../../core/media/record.ts';
import type { BinRecord } from './bin.ts';
import { type ErasureDeps, eraseBinned } from './erase.ts';

const PAGE = 100;
const AT_A_TIME = 8;

export function binOfOwner(deps: ErasureDeps): OwnerData {
  const { bin } = deps;
  const list: SetAside['list'] = async (ownerId) => {
    const all: BinRecord[] = [];
    let token: string | undefined;
    do {
      const { records, nextPageToken } = await bin.list(ownerId, PAGE, token);
      all.push(...records);
      token = nextPageToken;
    } while (token !== undefined);
    return all.map((record) => ({
      record,
      told: { erase_at: record.erase_at.toDate().toISOString() },
    }));
  };
  const erase: SetAside['erase'] = async (ownerId) => {
    const binned = await bin.ofOwner(ownerId, PAGE);
    if (binned.length === 0) return 0;
    // From here on the owner brings none of them back.
    await bin.put(
      binned.map(({ id }) => id),
      ownerId,
      { permanently: true },
    );
    for (let start = 0; start < binned.length; start += AT_A_TIME) {
      const some = binned.slice(start, start + AT_A_TIME);
      await Promise.all(
        some.map(async (record) => {
          refuseNewer(record);
          await eraseBinned(record, deps, 'owner');
        }),
      );
    }
    return binned.length;
  };
  const count: SetAside['count'] = async (ownerId, most) =>
    (await bin.ofOwner(ownerId, most)).length;
  return { setAside: { place: 'bin', list, count, erase } };
}
