/** Types that the code for sending files shares. */
import type { Clock, WakeUps } from './clock.ts';
import type { CutFrames } from './frames.ts';
import type { Http } from './http.ts';
import type { Line } from './line.ts';
import type { Candidate, UploadLimits } from './requests.ts';
import type { Send } from './send.ts';

/** The dependencies of one client. */
export interface SendDeps {
  http: Http;
  clock: Clock;
  /** Their events end a wait early. */
  wakeUps: WakeUps;
  /** By default videos are sent without frames. */
  cutFrames: CutFrames | undefined;
  send: Send;
  line: Line;
  limits: UploadLimits;
  /** Interrupted uploads. If the same file is sent again, its upload continues where it stopped. */
  unfinished: WeakMap<File, Unfinished>;
  /** Forms without an answer. Their media may exist. */
  unanswered: WeakMap<File, UnansweredForm>;
}

/** The user's wishes for the analysis. */
export interface Wishes {
  /** The same for all files that were chosen together. */
  batchId: string;
  /** BCP 47. */
  language: string | undefined;
  /** Names of analyses. */
  analyses: readonly string[] | undefined;
  /** Texts of the app's own. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/** How files are sent, together or alone. */
export interface FileOptions extends Wishes {
  signal: AbortSignal | undefined;
  /** @param bytes sent so far, or arrived before */
  onSent: (bytes: number) => void;
  /** The next step waits for the returned promise. */
  onNotes: (of: Candidate, notes: SendNotes) => Promise<void>;
}

/** The form that a file was sent in. */
interface FormOfFile {
  /** Its Idempotency-Key. */
  key: string;
  /** Position of the file in the form, from 0. */
  position: number;
}

interface UnansweredForm extends FormOfFile {
  /** Resolves when the client has tried to remove its media, because the user has stopped the upload. */
  undone?: Promise<void>;
}

export interface UploadSession {
  /** Takes the bytes. It is a secret. */
  url: string;
  /** Most bytes of a request: a multiple of 256 KiB. */
  chunkBytes: number;
}

export interface Unfinished extends Wishes {
  /** Idempotency key: requests with the same key get the same media. */
  key: string;
  /** The app's own id of the file. */
  externalId?: string | undefined;
  /** Set once the file is announced. */
  mediaId?: string;
  /** Null if all bytes have arrived; undefined if there is no session yet, or the session has expired. */
  session?: UploadSession | null | undefined;
}

/**
 * The state of a file that is being sent. With it another call, for example after a reload of the page, continues without
 * sending anything twice. It is plain data. Apps keep it and read only the id.
 */
export interface SendNotes {
  /** The form of the file, if the file was sent together with others. */
  form?: FormOfFile;
  /** The upload to Cloud Storage, if the file is sent in pieces. `mediaId` is the id of the media that waits for the bytes. */
  pieces?: Unfinished;
}
