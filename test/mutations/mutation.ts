/** One defence taken out, and the tests that must not stand for it. */
export interface Mutation {
  /** The threat, word for word as the table of SECURITY.md has it. */
  threat: string;
  /** What is missing then. */
  without: string;
  /**
   * File, exact text, and what stands there instead. Several where one defence stands behind another:
   * each alone would be made up for.
   */
  edits: readonly (readonly [file: string, text: string, instead: string])[];
  /** File, and a part of the title of each; of those with such a title one at least must fail. */
  tests: readonly [file: string, ...titles: string[]];
}
