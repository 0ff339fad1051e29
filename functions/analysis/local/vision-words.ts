/** The sentences of `local/vision`: sure detections as facts, likely ones as possible, and no others. */
import { UNSEEN } from '@media-analysis/shared/local-models';
import type { Script } from '@media-analysis/vision/protocol';
import { kindOf } from './kinds.ts';
import type { Code, KindCount, PictureContent } from './picture-content.ts';

export interface VisionWords {
  /** Null if no detection can be a title. */
  title(content: PictureContent): string | null;
  sentences(content: PictureContent): string[];
  /** The last sentence if nothing was seen. It is about the model, not about the picture. */
  nothing: string;
}

interface Phrases {
  count(kind: string, count: number): string;
  /** "2 dogs (perhaps 3)" */
  countUnsure(kind: string, least: number, most: number): string;
  sureTitle(counts: string[]): string;
  textTitle(text: string): string;
  sure(counts: string[], possible: string[]): string;
  possible(counts: string[]): string;
  nothing: string;
  /** Separates two sentences. */
  space: string;
  /** Separates two lines of a quoted text. */
  line: string;
  /** Ends a sentence. */
  stop: string;
  page: string;
  receipt(merchant: string | null): string;
  text(text: string): string;
  code(code: Code): string;
  codeTitle(code: Code): string;
  unread(script: NonNullable<PictureContent['unread']>): string;
  objectsFailed: string;
  textFailed: string;
}

const MAX_KINDS = 5;
const MAX_TITLE_KINDS = 3;
const MAX_QUOTED = 120;
const MAX_TITLE_QUOTED = 60;
const MAX_TITLE = 200;
const MAX_CODES = 3;

function createWords(phrases: Phrases): VisionWords {
  const countLeast = ({ kind, least }: KindCount) => phrases.count(kind, least);
  const countMost = ({ kind, most }: KindCount) => phrases.count(kind, most);
  const countAll = ({ kind, least, most }: KindCount) =>
    most > least ? phrases.countUnsure(kind, least, most) : phrases.count(kind, least);
  return {
    title({ seen, lines, codes, isPage, receipt }) {
      const sure = (seen ?? []).filter(({ isClear }) => isClear);
      const text = quote(lines ?? [], MAX_TITLE_QUOTED, phrases.line);
      const [code] = codes;
      if (receipt) return shorten(phrases.receipt(receipt.merchant), MAX_TITLE);
      if (isPage && text) return phrases.textTitle(text);
      if (sure.length > 0) return phrases.sureTitle(sure.slice(0, MAX_TITLE_KINDS).map(countLeast));
      if (text) return phrases.textTitle(text);
      if (code) return phrases.codeTitle({ ...code, text: shorten(code.text, MAX_TITLE_QUOTED) });
      return null;
    },
    sentences({ seen, lines, unread, codes, isPage, receipt }) {
      const { sure, possible } = bySureness(seen ?? []);
      const objects = () => {
        if (!seen) return phrases.objectsFailed;
        const likely = isPage ? [] : possible.slice(0, MAX_KINDS).map(countMost);
        const shown =
          sure.length > 0
            ? phrases.sure(sure.slice(0, MAX_KINDS).map(countAll), likely)
            : likely.length > 0
              ? phrases.possible(likely)
              : '';
        const page = receipt ? `${phrases.receipt(receipt.merchant)}${phrases.stop}` : phrases.page;
        if (isPage || receipt)
          return [page, shown].filter((each) => each !== '').join(phrases.space);
        return shown;
      };
      const text = () => {
        if (!lines) return phrases.textFailed;
        const quoted = quote(lines, MAX_QUOTED, phrases.line);
        return quoted && phrases.text(quoted);
      };
      return [
        objects(),
        text(),
        unread ? phrases.unread(unread) : '',
        ...codes.slice(0, MAX_CODES).map((code) => {
          return phrases.code({ ...code, text: shorten(code.text, MAX_QUOTED) });
        }),
      ].filter((sentence) => sentence !== '');
    },
    nothing: phrases.nothing,
  };
}

function bySureness(seen: KindCount[]) {
  return {
    sure: seen.filter(({ least }) => least > 0),
    possible: seen.filter(({ least }) => least === 0),
  };
}

/** A word in any script, or a number. The cells of a puzzle are neither. */
const WORD = /\p{L}{2}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|\p{N}{2}/u;

/** @returns an empty text if no line is worth quoting */
function quote(lines: string[], limit: number, between: string): string {
  return shorten(lines.filter((line) => WORD.test(line)).join(between), limit);
}

function shorten(text: string, limit: number): string {
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
  textTitle: (text) => `“${text}”`,
  sure(counts, possible) {
    const also = possible.length > 0 ? `, possibly also ${listInEnglish(possible)}` : '';
    return `Shows ${listInEnglish(counts)}${also}.`;
  },
  possible: (counts) => `Possibly shows ${listInEnglish(counts)}.`,
  nothing: UNSEEN.en.nothing,
  space: ' ',
  line: ' / ',
  stop: '.',
  page: 'A page, sign or screenshot with text.',
  receipt: (merchant) => (merchant ? `Receipt from ${merchant}` : 'Receipt'),
  text: (text) => `Text reads “${text}”.`,
  code: ({ kind, text }) => `A ${kind} says “${text}”.`,
  codeTitle: ({ kind, text }) => `A ${kind}: “${text}”`,
  unread: (script) =>
    script === 'unknown'
      ? 'There is writing that could not be read.'
      : `There is ${script} writing, which could not be read.`,
  objectsFailed: UNSEEN.en.objectsFailed,
  textFailed: UNSEEN.en.textFailed,
});

function countInJapanese(key: string, count: number): string {
  const { ja, counter } = kindOf(key);
  return `${ja}${count}${counter}`;
}

const japaneseCode = (kind: Code['kind']) => (kind === 'QR code' ? 'QRコード' : 'バーコード');

const JAPANESE_SCRIPTS: Record<Script, string> = {
  Latin: 'ラテン文字',
  Cyrillic: 'キリル文字',
  Greek: 'ギリシャ文字',
  Arabic: 'アラビア文字',
  Hebrew: 'ヘブライ文字',
  Devanagari: 'デーヴァナーガリー文字',
  Thai: 'タイ文字',
  Korean: 'ハングル',
  Japanese: '日本語の文字',
};

export const japanese = createWords({
  count: countInJapanese,
  countUnsure: (kind, least, most) =>
    `${countInJapanese(kind, least)}（もしかすると${most}${kindOf(kind).counter}）`,
  sureTitle: (counts) => counts.join('、'),
  textTitle: (text) => `「${text}」`,
  sure(counts, possible) {
    const also = `${possible.join('、')}も写っているかもしれません。`;
    return `${counts.join('、')}が写っています。${possible.length > 0 ? also : ''}`;
  },
  possible: (counts) => `${counts.join('、')}が写っているかもしれません。`,
  nothing: UNSEEN.ja.nothing,
  space: '',
  line: '、',
  stop: '。',
  page: '文字の書かれた紙面か看板、または画面です。',
  receipt: (merchant) => (merchant ? `${merchant}のレシート` : 'レシート'),
  text: (text) => `書かれている文字は「${text}」。`,
  code: ({ kind, text }) => `${japaneseCode(kind)}の内容は「${text}」。`,
  codeTitle: ({ kind, text }) => `${japaneseCode(kind)}「${text}」`,
  unread: (script) =>
    script === 'unknown'
      ? '読み取れなかった文字があります。'
      : `読み取れない${JAPANESE_SCRIPTS[script]}が書かれています。`,
  objectsFailed: UNSEEN.ja.objectsFailed,
  textFailed: UNSEEN.ja.textFailed,
});
