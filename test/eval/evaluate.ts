/** Asks a model about photos of which a person has said what they show, and scores the answers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Analytics, Usage } from '@media-analysis/shared/analytics';
import type { Analyzer } from '../../functions/analysis/index.ts';
import { profileOf } from '../../functions/analysis/profiles.ts';
import { inspectMedia } from '../../functions/inspect/index.ts';
import type { Judge, JudgeAnswer } from './judge.ts';
import type { Label } from './labels.ts';
import { type Score, scoreOf, scoreReceipt } from './score.ts';

/** Those that have labels to be compared with. */
export const ANALYSES = ['describe', 'receipt'] as const;
export type AnalysisName = (typeof ANALYSES)[number];

/** Long, because a model that is slow on a busy machine is not wrong. How long it took is in the table. */
export const CALL_BUDGET_MS = 240_000;

/** One answer of a model about one photo, or why there is none. */
export type Run =
  | {
      error: null;
      score: Score;
      usage: Usage;
      answer: Analytics | Record<string, unknown>;
      /** null: no judge was asked, or it failed. */
      judged: JudgeAnswer | null;
      judgeError: string | null;
    }
  | { error: string };

export interface PhotoResult {
  photo: string;
  label: Label;
  /** One for each repeat. */
  runs: Run[];
}

export class Evaluation {
  readonly #analyzer: Analyzer;
  readonly #folder: string;
  readonly #judge: Judge | undefined;

  constructor(analyzer: Analyzer, folder: string, judge?: Judge) {
    this.#analyzer = analyzer;
    this.#folder = folder;
    this.#judge = judge;
  }

  /** Never fails: what went wrong is in the result. */
  async run(photo: string, label: Label, analysis: AnalysisName): Promise<Run> {
    try {
      if (analysis === 'receipt') return await this.#readReceipt(photo, label);
      const { answer, usage, preview } = await this.analyse(photo, label.language);
      const score = scoreOf(answer, label);
      return { error: null, score, usage, answer, ...(await this.#ask(answer, preview, label)) };
    } catch (error) {
      return { error: explain(error) };
    }
  }

  /** As the worker does it: what leaves for the model is the preview. */
  async analyse(photo: string, language: string) {
    const { input, options } = await this.#prepare(photo, language);
    const { analytics, usage } = await this.#analyzer.analyze(input, options);
    return { answer: analytics, usage, preview: input.preview };
  }

  async #readReceipt(photo: string, label: Label): Promise<Run> {
    const { input, options } = await this.#prepare(photo, label.language);
    const asked = { name: 'receipt', input: {} };
    const { output, usage } = await this.#analyzer.answer(asked, input, options);
    const score = scoreReceipt(output, label);
    return { error: null, score, usage, answer: output, judged: null, judgeError: null };
  }

  async #prepare(photo: string, language: string) {
    const bytes = await readFile(join(this.#folder, photo));
    const previewMaxSide = profileOf(this.#analyzer.model).previewSide;
    const { facts, preview, contentType } = await inspectMedia(bytes, photo, { previewMaxSide });
    return {
      input: {
        facts,
        contentType,
        language,
        fileName: photo,
        preview: preview?.bytes ?? null,
      },
      options: { signal: new AbortController().signal, deadline: Date.now() + CALL_BUDGET_MS },
    };
  }

  /** A judge that fails takes nothing from the other scores. */
  async #ask({ title, summary }: Analytics, preview: Buffer | null, label: Label) {
    if (!this.#judge || !preview) return { judged: null, judgeError: null };
    try {
      const signal = AbortSignal.timeout(CALL_BUDGET_MS);
      const judged = await this.#judge({ title, summary, preview, label }, signal);
      return { judged, judgeError: null };
    } catch (error) {
      return { judged: null, judgeError: explain(error) };
    }
  }
}

/** With the cause, which a sender of a file is not told. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${explain(error.cause)})`;
}
