/** The titles of the tests in a file, as they are written there: no test is run for that. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where a title gets a value from the table of its test, or where a quotation leaves words out. */
const GAP = Symbol('gap');
type Pattern = readonly (string | typeof GAP)[];

interface Source {
  text: string;
  /** Each title together with the titles of its groups, and each part of that: "the api refuses %s", "refuses %s". */
  titles: Pattern[];
}

const sources = new Map<string, Source>();

/**
 * Whether a file has a test, or a group of tests, with this title.
 * @param quoted The title, with `…` where words are left out. A value of a table has to stand in the text of the file.
 */
export function hasTitle(path: string, quoted: string): boolean {
  const source = sources.get(path) ?? readTitles(path);
  sources.set(path, source);
  const pattern = patternOf(quoted.replaceAll(' › ', ' '), / ?… ?/);
  return source.titles.some((title) => matches(pattern, title, source.text));
}

/** The first argument of `test`, `longTest`, `it`, `longIt` and `describe`, and of what `test.each(…)` returns; `run` of Terraform. */
const TITLE =
  /^( *)(?:(?:.*\b(?:test|longTest|it|longIt|describe)|.*\))\(\s*|run )(['"`])((?:\\.|(?!\2)[^\\])*)\2/gm;
/** What Jest fills in, and what the file itself does. https://jestjs.io/docs/api#testeachtablename-fn-timeout */
const VALUE = /%[psdifjo#]|\$\{[^}]*\}|\$\w+/;

const withoutEscapes = (text: string) => text.replace(/\\(['"`])/g, '$1');

function readTitles(path: string): Source {
  const text = withImported(path);
  const groups: { indent: number; title: string }[] = [];
  const titles = new Set<string>();
  for (const [, { length: indent } = '', , title = ''] of text.matchAll(TITLE)) {
    // A test is further to the right than its group: the formatter sees to that.
    while ((groups.at(-1)?.indent ?? -1) >= indent) groups.pop();
    groups.push({ indent, title: withoutEscapes(title) });
    for (let n = 1; n <= groups.length; n++) {
      titles.add(
        groups
          .slice(-n)
          .map((group) => group.title)
          .join(' '),
      );
    }
  }
  return {
    text: withoutEscapes(text),
    titles: [...titles].map((title) => patternOf(title, VALUE)),
  };
}

/** A file of the long run that runs another file has its tests. */
function withImported(path: string): string {
  const text = readFileSync(path, 'utf8');
  const [, imported] = /^import '\.\/(.+\.test\.ts)';$/m.exec(text) ?? [];
  return imported === undefined ? text : readFileSync(join(dirname(path), imported), 'utf8');
}

function patternOf(text: string, gap: RegExp): Pattern {
  return text.split(gap).flatMap((piece, n) => (n === 0 ? [...piece] : [GAP, ...piece]));
}

/** Whether the gaps of both can be filled so that they say the same. What fills a gap of the title stands in `text`. */
function matches(quoted: Pattern, title: Pattern, text: string, i = 0, j = 0): boolean {
  if (i === quoted.length && j === title.length) return true;
  if (quoted[i] === GAP) {
    if (matches(quoted, title, text, i + 1, j)) return true;
    return j < title.length && matches(quoted, title, text, i, j + 1);
  }
  if (title[j] !== GAP) {
    return (
      i < quoted.length && quoted[i] === title[j] && matches(quoted, title, text, i + 1, j + 1)
    );
  }
  for (let end = i + 1; end <= quoted.length && quoted[end - 1] !== GAP; end++) {
    const value = quoted.slice(i, end).join('').trim();
    if (matches(quoted, title, text, end, j + 1) && text.includes(value)) return true;
  }
  return false;
}
