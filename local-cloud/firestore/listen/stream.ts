/**
 * One Listen stream: adds and removes targets, and turns commits into the messages from which the client
 * builds its snapshots.
 *
 * @see https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#targetchange
 */

import { invalidArgument } from '../../base/rpc-error.ts';
import { type Micros, toWireTimestamp } from '../clock.ts';
import type { Database } from '../database.ts';
import { type DocumentChange, type StoredDocument, toWireDocument } from '../documents.ts';
import { toRpcError } from '../errors.ts';
import { parseDocumentName } from '../paths.ts';
import { parseQuery } from '../query/query.ts';
import type { ListenResponse, ListenTarget, TargetChange } from '../wire.ts';
import type { Listener } from './index.ts';
import { resumePoint } from './resume.ts';
import { type Delta, DocumentsTarget, difference, queryTarget, type Target } from './target.ts';
import { encodeResumeToken } from './token.ts';

/** Messages that may wait for a slow client. Beyond this number the client gets only the final state. */
const MAX_WAITING = 1_000;

const NO_VECTORS = 'Vector search is not supported for real-time queries.';
const NO_SELECT = "'select' clauses are not supported for real-time queries.";

export interface Outlet {
  write(response: ListenResponse): boolean;
  /** Messages that were written here but not sent yet. */
  readonly writableLength: number;
}

export class ListenStream implements Listener {
  readonly #database: Database;
  readonly #outlet: Outlet;
  readonly #targets = new Map<number, Target>();
  readonly #ids = new Map<Target, number>();
  /** Set while the client is too slow: the time of the last state that it was sent. */
  #laggingSince: Micros | undefined;

  constructor(database: Database, outlet: Outlet) {
    this.#database = database;
    this.#outlet = outlet;
  }

  /** Adds a target. A target that cannot be added is removed again with the reason; the stream goes on. */
  addTarget(request: ListenTarget): void {
    const id = request.targetId || this.#freeId();
    try {
      if (this.#targets.has(id)) throw invalidArgument(`Target id ${id} is in use.`);
      const target = this.#parse(request);
      this.#catchUp();
      this.#sendChange({ targetChangeType: 'ADD', targetIds: [id] });
      this.#register(id, target);
      this.#synchronize(target, resumePoint(request));
      this.#sendSnapshot(this.#database.clock.readTime());
      if (request.once) this.removeTarget(id);
    } catch (error) {
      const { code, message } = toRpcError(error);
      this.#sendChange({ targetChangeType: 'REMOVE', targetIds: [id], cause: { code, message } });
    }
  }

  removeTarget(id: number): void {
    const target = this.#targets.get(id);
    if (!target) return;
    this.#unregister(id, target);
    this.#sendChange({ targetChangeType: 'REMOVE', targetIds: [id] });
  }

  /** Sends all changes of a commit, then a message that the state is consistent again. */
  deliver(changes: ReadonlyMap<Target, DocumentChange[]>, commitTime: Micros): void {
    if (this.#laggingSince !== undefined) return;
    if (this.#outlet.writableLength > MAX_WAITING) {
      this.#laggingSince = commitTime - 1;
      return;
    }
    let sent = false;
    for (const [target, targetChanges] of changes) {
      const delta = target.update(targetChanges);
      sent = this.#sendDelta(target, delta, commitTime) || sent;
    }
    if (sent) this.#sendSnapshot(commitTime);
  }

  /** Called when the slow client has read everything: sends the final state of what it missed. */
  drained(): void {
    if (this.#laggingSince === undefined) return;
    this.#catchUp();
    this.#sendSnapshot(this.#database.clock.readTime());
  }

  /** Confirms to an idle client that it is up to date. After two minutes of silence it would give up. */
  heartbeat(): void {
    if (this.#targets.size === 0 || this.#laggingSince !== undefined) return;
    this.#sendSnapshot(this.#database.clock.readTime());
  }

  close(): void {
    for (const [id, target] of [...this.#targets]) this.#unregister(id, target);
  }

  #parse({ targetType, query, documents }: ListenTarget): Target {
    if (targetType === 'query' && query) {
      const parsed = parseQuery(query.parent, query.structuredQuery);
      // The real service refuses this too: https://github.com/googleapis/nodejs-firestore/issues/1090
      if (parsed.projection) throw invalidArgument(NO_SELECT);
      if (parsed.nearest) throw invalidArgument(NO_VECTORS);
      this.#database.requireIndex(parsed);
      return queryTarget(parsed);
    }
    const names = documents?.documents ?? [];
    if (names.length === 0) throw invalidArgument('A target must have a query or documents.');
    for (const name of names) {
      if (parseDocumentName(name).database !== this.#database.name) {
        throw invalidArgument(`Document "${name}" is in another database.`);
      }
    }
    return new DocumentsTarget(names);
  }

  #register(id: number, target: Target): void {
    this.#targets.set(id, target);
    this.#ids.set(target, id);
    this.#database.targets.add(target, this);
  }

  #unregister(id: number, target: Target): void {
    this.#targets.delete(id);
    this.#ids.delete(target);
    this.#database.targets.remove(target);
  }

  #freeId(): number {
    return Math.max(0, ...this.#targets.keys()) + 1;
  }

  #catchUp(): void {
    const since = this.#laggingSince;
    if (since === undefined) return;
    this.#laggingSince = undefined;
    for (const target of this.#targets.values()) this.#synchronize(target, { time: since });
  }

  /**
   * Sends the difference between the client's state and the present state of a target.
   * @param known the client's state. Undefined: it has none. Without a time: this server does not know that state any more.
   */
  #synchronize(target: Target, known: { time: Micros | undefined } | undefined): void {
    const id = this.#ids.get(target) ?? 0;
    const now = this.#database.clock.readTime();
    const { store } = this.#database;
    const documents = target.start({ store });
    const overlay =
      known?.time !== undefined && known.time <= now
        ? this.#database.history.since(known.time)
        : undefined;
    if (known && !overlay) this.#sendChange({ targetChangeType: 'RESET', targetIds: [id] });
    const delta = overlay
      ? difference(target.documentsIn({ store, overlay }), documents, (name) => {
          return store.get(name.split('/').slice(5)) !== undefined;
        })
      : initialDelta(target, documents);
    this.#sendDelta(target, delta, now);
    const resumeToken = encodeResumeToken(now);
    const readTime = toWireTimestamp(now);
    this.#sendChange({ targetChangeType: 'CURRENT', targetIds: [id], resumeToken, readTime });
  }

  #sendDelta(target: Target, { changed, removed }: Delta, time: Micros): boolean {
    const ids = [this.#ids.get(target) ?? 0];
    for (const document of changed) {
      const wire = toWireDocument(document);
      this.#outlet.write({
        documentChange: { document: wire, targetIds: ids, removedTargetIds: [] },
      });
    }
    for (const { name, deleted } of removed) {
      const removal = { document: name, removedTargetIds: ids, readTime: toWireTimestamp(time) };
      this.#outlet.write(deleted ? { documentDelete: removal } : { documentRemove: removal });
    }
    return changed.length + removed.length > 0;
  }

  /**
   * NO_CHANGE without target ids concerns the whole stream: the messages so far add up to one consistent
   * state.
   */
  #sendSnapshot(time: Micros): void {
    this.#sendChange({
      targetChangeType: 'NO_CHANGE',
      targetIds: [],
      resumeToken: encodeResumeToken(time),
      readTime: toWireTimestamp(time),
    });
  }

  #sendChange(targetChange: TargetChange): void {
    this.#outlet.write({ targetChange });
  }
}

function initialDelta(target: Target, documents: StoredDocument[]): Delta {
  const missing = target.missing(documents);
  return { changed: documents, removed: missing.map((name) => ({ name, deleted: true })) };
}
