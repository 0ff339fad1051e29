/** What is said of the files of a folder that are left out. */
import { commaIn } from '../words/index.ts';

/** More names would fill the screen. */
const MOST_NAMES = 3;

export function skippedText(names: readonly string[], language: string): string {
  const some = names.slice(0, MOST_NAMES).join(commaIn(language));
  const list = names.length > MOST_NAMES ? `${some}…` : some;
  if (language === 'ja')
    return `対応していない形式のため、${names.length}件のファイルを除外しました：${list}`;
  const start = names.length === 1 ? '1 file was' : `${names.length} files were`;
  return `${start} skipped, as the format is not supported: ${list}`;
}
