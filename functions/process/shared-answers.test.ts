import { describe, expect, test } from '@jest/globals';
import { SharedAnswers } from './shared-answers.ts';

/** The test decides when each question is answered. */
function openQuestions() {
  const answers = new SharedAnswers<string>();
  const sent: { key: string; answered: PromiseWithResolvers<string> }[] = [];
  const ask = (key: string) =>
    answers.ask(key, () => {
      const answered = Promise.withResolvers<string>();
      sent.push({ key, answered });
      return answered.promise;
    });
  return { ask, sent };
}

describe('an answer', () => {
  test('is shared by all who asked before the question was sent, and by nobody who asked later', async () => {
    const { ask, sent } = openQuestions();
    const first = ask('alice');
    const others = [ask('alice'), ask('alice')];
    expect(sent).toHaveLength(1);
    sent[0]?.answered.resolve('one');
    expect(await first).toBe('one');
    // The second question is on its way, so this caller needs a third one.
    await Promise.resolve();
    const last = ask('alice');
    expect(sent).toHaveLength(2);
    sent[1]?.answered.resolve('two');
    expect(await Promise.all(others)).toEqual(['two', 'two']);
    await Promise.resolve();
    sent[2]?.answered.resolve('three');
    expect(await last).toBe('three');
    expect(sent).toHaveLength(3);
  });

  test('is not kept', async () => {
    const { ask, sent } = openQuestions();
    for (const answer of ['one', 'two']) {
      const asked = ask('alice');
      sent.at(-1)?.answered.resolve(answer);
      expect(await asked).toBe(answer);
    }
  });

  test('belongs to its key', async () => {
    const { ask, sent } = openQuestions();
    const both = Promise.all([ask('alice'), ask('bob')]);
    for (const { key, answered } of sent) answered.resolve(key);
    expect(await both).toEqual(['alice', 'bob']);
  });

  test('that fails fails for those who share it, and the next question is sent all the same', async () => {
    const { ask, sent } = openQuestions();
    const [first, second, third] = [ask('alice'), ask('alice'), ask('alice')];
    sent[0]?.answered.reject(new Error('one'));
    await expect(first).rejects.toThrow('one');
    await Promise.resolve();
    sent[1]?.answered.reject(new Error('two'));
    await expect(second).rejects.toThrow('two');
    await expect(third).rejects.toThrow('two');
    expect(sent).toHaveLength(2);
  });
});
