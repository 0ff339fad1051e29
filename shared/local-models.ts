/** Facts about the built-in models, for the code that reads their results. */

/**
 * Objects with at least this score are stated as facts: on 88 labelled photos nine of ten were right. Objects down to
 * a score of 0.35 are called possible: seven of ten were right.
 */
export const SURE = 0.5;

/**
 * Sentences in which the built-in models say that they did not see something. They are about the models, and not about the
 * picture: a search for animals must not find a picture that has none. Their words are spelled alike in Britain and America.
 */
export const UNSEEN = {
  en: {
    nothing: 'Nothing in it was identified.',
    objectsFailed: 'What it shows could not be looked at this time.',
    textFailed: 'Text could not be looked for this time.',
    notLookedAt: 'Its content was not examined.',
    withoutFrames: 'It was sent without frames, so its content was not examined.',
  },
  ja: {
    nothing: '認識できるものは見つかりませんでした。',
    objectsFailed: '今回は何が写っているかを調べられませんでした。',
    textFailed: '今回は文字を調べられませんでした。',
    notLookedAt: '内容は解析していません。',
    withoutFrames: '静止画なしで送られたため、内容は解析していません。',
  },
} as const;

/** Earlier releases wrote these, and stored media have them. */
export const EARLIER_UNSEEN = [
  'Nothing in it was recognised.',
  'Its content was not analysed.',
  'It was sent without frames, so its content was not analysed.',
  'No people, animals or everyday objects were recognised.',
  'Nothing that the built-in model knows was recognised.',
  'What it shows was not looked at.',
  'It was sent without frames, so what it shows was not looked at.',
  '人や動物、身近な物は見つかりませんでした。',
  '何が写っているかは調べていません。',
  '静止画なしで送られたため、何が写っているかは調べていません。',
];

/** Longest first, because a sentence may be the end of another one. */
const SENTENCES = [
  ...Object.values(UNSEEN).flatMap((words) => Object.values(words)),
  ...EARLIER_UNSEEN,
].sort((a, b) => b.length - a.length);

/** Removes these sentences from a summary. */
export function withoutUnseen(summary: string): string {
  return SENTENCES.reduce((rest, sentence) => rest.replaceAll(sentence, ' '), summary);
}
