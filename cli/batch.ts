/** Sends files, and follows each until it is completed or failed. */
import type { Media } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import type { MediaClient } from '../web/src/client/client.ts';
import { MediaClientError } from '../web/src/client/errors.ts';
import type { FoundFile } from './find-files.ts';

/** The state of one file. */
export interface Item {
  path: string;
  size: number;
  sentBytes: number;
  /** `waiting`: not accepted yet. `ended`: nothing more happens to it by itself. */
  state: 'waiting' | 'accepted' | 'ended';
  /** Its newest state. */
  media?: Media;
  /** Why it is not completed. */
  problem?: { code: string; message: string };
}

interface BatchOptions {
  analyses: readonly string[] | undefined;
  language: string | undefined;
  signal: AbortSignal;
  /** Called after each change. */
  onChange: (item: Item | undefined) => void;
}

/** Accepted files are gathered for this time and then followed together. */
const GATHER_MS = 500;

/**
 * @returns when each file has ended
 * @throws {MediaClientError} if the service refuses the whole call, or cannot be followed; the signal's reason
 */
export async function runBatch(
  client: MediaClient,
  files: readonly FoundFile[],
  items: readonly Item[],
  { analyses, language, signal, onChange }: BatchOptions,
): Promise<void> {
  const byId = new Map<string, Item>();
  const follower = new Follower(client, (id, media, problem) => {
    const item = byId.get(id);
    if (!item) return;
    if (media) item.media = media;
    if (problem || (media && isTerminal(media.status))) end(item, problem ?? problemOf(item));
    onChange(item);
  });
  const sending = client.analyze(
    files.map(({ file }) => file),
    {
      analyses,
      language,
      signal,
      onProgress({ sentByFile }) {
        for (const [index, bytes] of sentByFile.entries()) {
          const item = items[index];
          if (item) item.sentBytes = bytes;
        }
        onChange(undefined);
      },
      onFile(index, outcome) {
        const item = items[index];
        if (!item) return;
        if ('rejected' in outcome) end(item, outcome.rejected);
        else {
          Object.assign(item, { state: 'accepted', media: outcome.media });
          byId.set(outcome.media.id, item);
          follower.add(outcome.media.id);
        }
        onChange(item);
      },
    },
  );
  const sent = sending.then(
    () => follower.close(),
    (error: unknown) => {
      follower.close();
      const isKnown =
        error instanceof MediaClientError && items.every(({ state }) => state === 'ended');
      // Each file has its own reason then.
      if (!isKnown) throw error;
    },
  );
  await Promise.all([sent, follower.run(signal)]);
}

export const newItem = ({ path, file }: FoundFile): Item => ({
  path,
  size: file.size,
  sentBytes: 0,
  state: 'waiting',
});

function end(item: Item, problem: Item['problem']): void {
  item.state = 'ended';
  if (problem) item.problem = { code: problem.code, message: problem.message };
}

/** An analysis can fail while the others are completed. */
function problemOf({ media }: Item): Item['problem'] {
  if (media?.status === 'failed') {
    return { code: media.error_code ?? 'internal', message: media.error_message ?? 'It failed.' };
  }
  for (const [name, { status, error_code, error_message }] of Object.entries(
    media?.analyses ?? {},
  )) {
    if (status === 'failed') {
      return {
        code: error_code ?? 'internal',
        message: `${name}: ${error_message ?? 'it failed.'}`,
      };
    }
  }
  return undefined;
}

type Tell = (id: string, media: Media | undefined, problem: Item['problem']) => void;

/** Follows media that are added one after the other, by one watch at a time. */
class Follower {
  readonly #client: MediaClient;
  readonly #tell: Tell;
  readonly #unfinished = new Set<string>();
  #isClosed = false;
  #wake = () => {};

  constructor(client: MediaClient, tell: Tell) {
    this.#client = client;
    this.#tell = tell;
  }

  add(id: string): void {
    this.#unfinished.add(id);
    this.#wake();
  }

  /** Called when no more media are added. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** @returns when it is closed and all media have ended */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const ids = [...this.#unfinished];
      if (ids.length > 0) await this.#follow(ids, signal);
      else if (this.#isClosed) return;
      else await new Promise<void>((resolve) => this.#wakeBy(resolve));
    }
  }

  async #follow(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const more = new AbortController();
    let gathering: NodeJS.Timeout | undefined;
    this.#wakeBy(() => {
      if ([...this.#unfinished].every((id) => ids.includes(id))) return;
      gathering ??= setTimeout(() => more.abort(), GATHER_MS);
    });
    try {
      const by = { signal: AbortSignal.any([signal, more.signal]) };
      for await (const update of this.#client.watch(ids, by)) {
        if (update.type === 'media') {
          if (isTerminal(update.media.status)) this.#unfinished.delete(update.media.id);
          this.#tell(update.media.id, update.media, undefined);
        } else {
          this.#unfinished.delete(update.media_id);
          const problem = { code: 'not_found', message: 'It was deleted meanwhile.' };
          this.#tell(update.media_id, undefined, problem);
        }
      }
    } catch (error) {
      if (signal.aborted || !more.signal.aborted) throw error;
    } finally {
      clearTimeout(gathering);
      this.#wakeBy(() => {});
    }
  }

  #wakeBy(wake: () => void): void {
    this.#wake = wake;
  }
}
