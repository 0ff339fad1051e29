/** The sentences of `local/vision`: sure detections as facts, likely ones as possible, and no others. */
import { KINDS, kindOf } from './kinds.ts';
import type { KindCount, PictureContent } from './picture-content.ts';

export interface VisionWords {
  /** Null if no detection can be a title. */
  title(content: PictureContent): string | null;
  sentences(content: PictureContent): string[];
}

interface Phrases {
  count(kind: string, count: number): string;
  /** "2 dogs (perhaps 3)" */
  countUnsure(kind: string, least: number, most: number): string;
  sureTitle(counts: string[]): string;
  possibleTitle(count: string): string;
  textTitle(text: string): string;
  sure(counts: string[], possible: string[]): string;
  possible(counts: string[]): string;
  nothing: string;
  page: string;
  text(text: string): string;
  objectsFailed: string;
  textFailed: string;
}

const MAX_KINDS = 5;
const MAX_TITLE_KINDS = 3;
const MAX_QUOTED = 120;
const MAX_TITLE_QUOTED = 60;

function createWords(phrases: Phrases): VisionWords {
  const countLeast = ({ kind, least }: KindCount) => phrases.count(kind, least);
  const countMost = ({ kind, most }: KindCount) => phrases.count(kind, most);
  const countAll = ({ kind, least, most }: KindCount) =>
    most > least ? phrases.countUnsure(kind, least, most) : phrases.count(kind, least);
  return {
    title({ seen, lines, isPage }) {
      const { sure, possible } = bySureness(seen ?? []);
      if (sure.length > 0) return phrases.sureTitle(sure.slice(0, MAX_TITLE_KINDS).map(countLeast));
      const [first] = possible;
      if (lines?.length && (isPage || !first)) {
        return phrases.textTitle(quote(lines, MAX_TITLE_QUOTED));
      }
      return first ? phrases.possibleTitle(countMost(first)) : null;
    },
    sentences({ seen, lines, isPage }) {
      const { sure, possible } = bySureness(seen ?? []);
      const objects = () => {
        if (!seen) return phrases.objectsFailed;
        if (isPage) return phrases.page;
        const likely = possible.slice(0, MAX_KINDS).map(countMost);
        if (sure.length > 0) return phrases.sure(sure.slice(0, MAX_KINDS).map(countAll), likely);
        if (likely.length > 0) return phrases.possible(likely);
        return lines?.length ? '' : phrases.nothing;
      };
      const text = () => {
        if (!lines) return phrases.textFailed;
        return lines.length > 0 ? phrases.text(quote(lines, MAX_QUOTED)) : '';
      };
      return [objects(), text()].filter((sentence) => sentence !== '');
    },
  };
}

function bySureness(seen: KindCount[]) {
  return {
    sure: seen.filter(({ least }) => least > 0),
    possible: seen.filter(({ least }) => least === 0),
  };
}

function quote(lines: string[], limit: number): string {
  const text = lines.join(' / ');
  return text.length > limit ? `${text.slice(0, limit - 1).toWellFormed()}…` : text;
}

const listInEnglish = (items: string[]) => new Intl.ListFormat('en-GB').format(items);

function countInEnglish(key: string, count: number): string {
  const { one, many } = kindOf(key);
  return count === 1 ? one : `${count} ${many}`;
}

export const english = createWords({
  count: countInEnglish,
  countUnsure: (kind, least, most) => `${countInEnglish(kind, least)} (perhaps ${most})`,
  sureTitle(counts) {
    const list = listInEnglish(counts);
    return list.charAt(0).toUpperCase() + list.slice(1);
  },
  possibleTitle: (count) => `Possibly ${count}`,
  textTitle: (text) => `“${text}”`,
  sure(counts, possible) {
    const also = possible.length > 0 ? `, possibly also ${listInEnglish(possible)}` : '';
    return `Shows ${listInEnglish(counts)}${also}.`;
  },
  possible: (counts) => `Possibly shows ${listInEnglish(counts)}.`,
  nothing: `None of the ${KINDS.length} kinds of object that the built-in analysis knows was recognised.`,
  page: 'A page or sign with text.',
  text: (text) => `Text reads “${text}”.`,
  objectsFailed: 'What it shows could not be looked at this time.',
  textFailed: 'Text could not be looked for this time.',
});

function countInJapanese(key: string, count: number): string {
  const { ja, counter } = kindOf(key);
  return `${ja}${count}${counter}`;
}

export const japanese = createWords({
  count: countInJapanese,
  countUnsure: (kind, least, most) =>
    `${countInJapanese(kind, least)}（もしかすると${most}${kindOf(kind).counter}）`,
  sureTitle: (counts) => counts.join('、'),
  possibleTitle: (count) => `${count}（推測）`,
  textTitle: (text) => `「${text}」`,
  sure(counts, possible) {
    const also = `${possible.join('、')}も写っているかもしれません。`;
    return `${counts.join('、')}が写っています。${possible.length > 0 ? also : ''}`;
  },
  possible: (counts) => `${counts.join('、')}が写っているかもしれません。`,
  nothing: `内蔵の解析が知っている${KINDS.length}種類の物は見つかりませんでした。`,
  page: '文字の書かれた紙面か看板です。',
  text: (text) => `書かれている文字は「${text}」。`,
  objectsFailed: '今回は何が写っているかを調べられませんでした。',
  textFailed: '今回は文字を調べられませんでした。',
});
