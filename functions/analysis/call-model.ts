/** One call to a model: what it may cost, what it answers, and what it has cost. */
import type { GenerateResponseData, ModelMiddleware } from 'genkit/model';
import { startTimeLimit } from '../process/time-limit.ts';
import { type AnswerReader, plainReader } from './answer-reader.ts';
import type { Said } from './answer-text.ts';
import type { ModelCall, Output, Question, Wish } from './call.ts';
import { isFreeOfCharge } from './classify.ts';
import {
  CallTimeoutError,
  CutOffError,
  ForeignAnswerError,
  InvalidOutputError,
  ServiceWaitError,
} from './errors.ts';
import { profileOf, providerFor } from './profiles.ts';
import { isFree } from './providers/provider.ts';
import type { UsageMeter } from './usage-meter.ts';
import { highestCostInUsd, worstCaseOf } from './worst-case.ts';

export async function callModel(call: ModelCall, wish: Wish): Promise<Output> {
  const { ai, model, facts, question, messagesFor, onText, meter, pay, config, timing, signal } =
    call;
  const provider = providerFor(model);
  const reader = (await provider.reader?.()) ?? plainReader;
  const profile = profileOf(model, config);
  const { callTimeoutMs, deadline, now } = timing;
  const messages = await messagesFor(wish);
  const schema = question.schemaFor(wish);
  const tokens = worstCaseOf(model, facts, messages, JSON.stringify(schema).length);
  // A price may rise before the answer comes, and a call in a tier may be billed as an ordinary one.
  const times = [now(), Math.max(now(), deadline)];
  const usual = { ...config, tier: undefined };
  const costUsd = Math.max(...times.map((time) => highestCostInUsd(model, tokens, time, usual)));
  const end = isFree(profile) ? undefined : await pay?.(costUsd);
  if (signal.aborted) end?.(undefined);
  signal.throwIfAborted();
  meter.call(model, { tokens, costUsd });
  let characters = 0;
  let output: Output | undefined;
  const limit = startTimeLimit(Math.max(1, Math.min(callTimeoutMs, deadline - now())));
  const { signal: timeout } = limit;
  const readAnswer: ModelMiddleware = async (request, next) => {
    // The schema is set here, because Genkit would refuse answers that are nearly right.
    const response = await next({
      ...request,
      output: { ...request.output, schema, constrained: true },
    }).catch((error: unknown) => {
      const unread = reader.readUnfinished();
      if (unread) meter.answered(unread);
      throw error;
    });
    output = readResponse(response, reader, meter, (said) => question.read(said, wish));
    // Everything was read. Genkit would now look for the tools that the model calls.
    return { message: { role: 'model', content: [{ text: '{}' }] }, finishReason: 'stop' };
  };
  try {
    const generate = () =>
      ai.generate({
        model,
        messages,
        config: configOf(
          provider.callConfig(profile, { ...wish, tier: config.tier }),
          question.config,
        ),
        output: { format: 'json' },
        use: [readAnswer],
        // Streamed, so that a long analysis shows its progress.
        onChunk: ({ text }) => {
          characters += text.length;
          onText(characters);
        },
        abortSignal: AbortSignal.any([signal, timeout]),
      });
    await reader.watch(generate, config.tier === 'flex');
  } catch (error) {
    const isCutOff = timeout.aborted || signal.aborted;
    const costsNothing =
      error instanceof ForeignAnswerError || (!isCutOff && isFreeOfCharge(error, provider));
    if (costsNothing) meter.refused();
    else meter.cutOff();
    const cause = withoutAnswer(error);
    // The delivery has no time left. Our model goes on, and the next delivery gets its result.
    if (timeout.aborted && provider.ours) {
      throw new ServiceWaitError('analysis_timeout', now(), { cause });
    }
    throw timeout.aborted ? new CallTimeoutError({ cause, hasBegun: characters > 0 }) : cause;
  } finally {
    limit.clear();
    end?.(meter.wasRefused ? undefined : (meter.lastCost ?? costUsd));
  }
  if (!output) throw new Error('Genkit has not called the model.');
  return output;
}

/** The plugin's error repeats the unreadable answer, but a model's words about a picture must not be logged. */
function withoutAnswer(error: unknown): unknown {
  const { message } = error as Error;
  return /parse stream|parsing JSON response|Unsupported GeminiPart/.test(message)
    ? new InvalidOutputError('the answer cannot be read')
    : error;
}

/** A prompt may not raise the limit of tokens, because the reserved price depends on it. */
function configOf(usual: Record<string, unknown>, { maxOutputTokens, ...own }: Question['config']) {
  const most = usual.maxOutputTokens;
  const isLess =
    maxOutputTokens !== undefined && typeof most === 'number' && maxOutputTokens < most;
  return { ...usual, ...own, ...(isLess && { maxOutputTokens }) };
}

/**
 * Reads each answer before Genkit validates it. Genkit would drop a bad answer with its token count, although it was paid for,
 * and would complete cut-off JSON by guessing.
 */
function readResponse(
  response: GenerateResponseData,
  reader: AnswerReader,
  meter: UsageMeter,
  read: (said: Said) => Output,
): Output {
  const { message } = response.candidates?.[0] ?? response;
  const content = message?.content ?? [];
  const text = content.map((part) => part.text ?? '').join('');
  const calls = content.flatMap(({ toolRequest }) => (toolRequest ? [toolRequest.input] : []));
  const thoughts = content.map((part) => part.reasoning ?? '').join('');
  const hasAnswer = text.trim() !== '' || calls.length > 0;
  meter.answered(reader.read(response, hasAnswer || thoughts !== ''));
  try {
    reader.checkFinish(response);
  } catch (error) {
    if (error instanceof CutOffError && isJson(text)) return read([text]);
    throw error;
  }
  // Some servers send the answer as thoughts, and nothing else. Among other thoughts it may be a draft.
  return read(hasAnswer ? [text, ...calls] : isJson(thoughts) ? [thoughts] : ['']);
}

/** A model may write complete JSON and then spaces up to the token limit. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
