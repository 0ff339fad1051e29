/**
 * Callers that ask the same question at the same time share an answer. Each caller gets the answer to a question that was sent after
 * its call, so nobody gets an outdated answer.
 *
 * @example
 * const counts = new SharedAnswers<number>();
 * // A hundred callers side by side make two counts: one is on its way, and the others wait for the next one.
 * const count = await counts.ask('alice', () => countMediaOf('alice'));
 */
export class SharedAnswers<T> {
  /** Questions on their way, by key. */
  readonly #sent = new Map<string, Promise<T>>();
  /** Questions that go out after those. Callers can still join them. */
  readonly #next = new Map<string, Promise<T>>();

  /** @throws what `question` throws, to every caller that shares it */
  ask(key: string, question: () => Promise<T>): Promise<T> {
    const next = this.#next.get(key);
    if (next !== undefined) return next;
    const sent = this.#sent.get(key);
    if (sent === undefined) return this.#send(key, question);
    const following = this.#sendAfter(sent, key, question);
    this.#next.set(key, following);
    return following;
  }

  async #sendAfter(sent: Promise<T>, key: string, question: () => Promise<T>): Promise<T> {
    await Promise.allSettled([sent]);
    this.#next.delete(key);
    return this.#send(key, question);
  }

  async #send(key: string, question: () => Promise<T>): Promise<T> {
    const answer = question();
    this.#sent.set(key, answer);
    try {
      return await answer;
    } finally {
      this.#sent.delete(key);
    }
  }
}
