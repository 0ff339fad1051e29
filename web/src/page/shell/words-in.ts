import { isBritish } from '../../components/words/index.ts';

type Texts<Words> = {
  [Name in keyof Words]: readonly [en: Words[Name], ja: Words[Name], british?: Words[Name]];
};

/**
 * Texts in English and Japanese side by side, and in British English where that differs.
 * @returns a function that gives the texts for a language
 */
export function wordsIn<Words extends object>(table: Texts<Words>) {
  const all = Object.entries<readonly unknown[]>({ ...table });
  const pick = (place: number): Words => {
    const texts = all.map(([name, each]) => [name, each[place] ?? each[0]]);
    return Object.fromEntries(texts);
  };
  const [en, ja, british] = [pick(0), pick(1), pick(2)];
  return (language: string) => (language === 'ja' ? ja : isBritish(language) ? british : en);
}
