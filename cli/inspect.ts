/** `media-analysis inspect ID`: shows the life of one media, from the service, the record and the log. */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Media } from '@media-analysis/shared/media';
import type { EarlierResult } from '@media-analysis/shared/results';

import { type Command, UsageError } from './arguments.ts';
import { ConnectionError, connect } from './connection.ts';
import type { Terminal } from './terminal.ts';
import { printable, wordsOf } from './words.ts';

/** A line of the units' log, as `functions/process/log.ts` writes it. */
type LogLine = Record<string, unknown>;

/** A log line in the form of Cloud Logging: https://cloud.google.com/logging/docs/structured-logging#special-payload-fields */
interface LogEntry {
  timestamp?: string;
  severity?: string;
  jsonPayload?: LogLine;
}

interface Life {
  media: Media;
  earlier: EarlierResult[];
  /** The operator's part; undefined if it was not asked for. */
  record: Record<string, unknown> | undefined;
  /** Undefined if no log was named. */
  log: LogLine[] | undefined;
}

/** @returns the exit code */
export async function inspect(
  { service, id, logFile, project, isJson }: Extract<Command, { name: 'inspect' }>,
  { folder, env, stdout, signal }: Terminal,
): Promise<number> {
  const log =
    logFile !== undefined
      ? await readLog(resolve(folder, logFile), id)
      : project !== undefined
        ? await readGoogleLog(project, id, env)
        : undefined;
  const connection = await connect(service);
  try {
    const { client, readRecord } = connection;
    const life: Life = {
      media: await client.get(id, { signal }),
      earlier: await client.earlierResults(id, { signal }),
      record: await readRecord?.(id),
      log,
    };
    stdout.write(isJson ? `${JSON.stringify(life)}\n` : lifeOf(life));
    return life.media.status === 'completed' ? 0 : 1;
  } finally {
    await connection.close();
  }
}

async function readLog(path: string, id: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  try {
    for await (const text of createInterface({ input: createReadStream(path) })) {
      const line = parse(text);
      if (line?.media_id === id) lines.push(line);
    }
  } catch (cause) {
    throw new UsageError(`--log: ${(cause as Error).message}`, { cause });
  }
  return lines;
}

/** Skips lines of other programs. */
function parse(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}

/** Runs the command of docs/debugging.md, as the user who is signed in to gcloud. */
async function readGoogleLog(
  project: string,
  id: string,
  env: NodeJS.ProcessEnv,
): Promise<LogLine[]> {
  if (!/^[A-Za-z0-9]{1,64}$/.test(id)) throw new UsageError(`${id} is no id of a media.`);
  const filter = `jsonPayload.media_id="${id}"`;
  // Cloud Logging keeps lines for 30 days by default. With --order=asc, gcloud ignores --freshness.
  const newest = ['--freshness=30d', '--order=desc', '--format=json', `--project=${project}`];
  try {
    const { stdout } = await promisify(execFile)('gcloud', ['logging', 'read', filter, ...newest], {
      env,
      maxBuffer: 64 * 1024 * 1024,
      // On Windows it is gcloud.cmd. No argument comes from a stranger: the id was checked.
      shell: process.platform === 'win32',
    });
    return (JSON.parse(stdout) as LogEntry[])
      .map(({ timestamp: time, severity, jsonPayload }) => ({ time, severity, ...jsonPayload }))
      .toReversed();
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
    const why =
      code === 'ENOENT'
        ? 'gcloud is not installed. Install the Google Cloud CLI, or give the log by --log FILE.'
        : `gcloud could not read the log: ${stderr.trim() || (cause as Error).message}`;
    throw new ConnectionError(why, { cause });
  }
}

function lifeOf({ media, earlier, record, log }: Life): string {
  const { usage } = media;
  const rows: [string, string | undefined][] = [
    ['file', `${media.file_name}, ${media.content_type}, ${media.size} bytes`],
    ['status', `${media.status}, attempt ${media.attempts}, progress ${media.progress}`],
    ['accepted', media.created_at],
    ['changed', `${media.updated_at}, revision ${media.revision}`],
    ['waits', waitOf(media)],
    ['reason', media.error_code ? `${media.error_code}: ${media.error_message}` : undefined],
    ['held', media.held],
    ['calls', usage ? callsOf(usage) : 'none: no model was asked yet'],
    ['describe', media.analytics ? wordsOf({ ...media, analyses: {} }) : undefined],
    ...Object.entries(media.analyses ?? {}).map(([name, result]): [string, string] => [
      name,
      [
        result.status,
        result.error_code && `${result.error_code}: ${result.error_message}`,
        result.output && wordsOf({ ...media, analytics: null, analyses: { [name]: result } }),
      ]
        .filter(Boolean)
        .join(', '),
    ]),
    ...earlier.map(({ analysis, made_at, model, id }): [string, string] => [
      'earlier',
      `${analysis} of ${made_at ?? 'an unknown time'} by ${model ?? 'an unknown model'} (${id})`,
    ]),
    ...Object.entries(recordOf(record)),
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(14)} ${printable(value)}`],
  );
  const events = log?.map(eventOf) ?? [
    '(name the log by --log FILE or --project ID to see the deliveries)',
  ];
  const none = ['nothing: with LOG_LEVEL=info the units log what went well, too'];
  return `${[...lines, 'log', ...(events.length > 0 ? events : none).map((line) => `  ${line}`)].join('\n')}\n`;
}

function waitOf({ wait_code, retry_at }: Media): string | undefined {
  return wait_code ? `${wait_code}${retry_at ? ` until ${retry_at}` : ''}` : undefined;
}

function callsOf(usage: NonNullable<Media['usage']>): string {
  if (usage.cached) return `0: the answer of ${usage.model} was copied from the same content`;
  const cost = usage.cost_usd === null ? 'at an unknown price' : `$${usage.cost_usd}`;
  const tokens = `${usage.input_tokens} + ${usage.output_tokens} tokens`;
  return `${usage.attempts} to ${usage.model}, ${Math.round(usage.duration_ms)} ms, ${tokens}, ${cost}`;
}

/** Fields that owners do not see; `functions/core/media/record.ts` explains them. */
const OPERATORS_FIELDS = [
  ...['owner_id', 'deliveries', 'waits', 'queue_state', 'lease', 'paid_calls', 'language'],
  ...['staging_object', 'object', 'preview_object', 'small_object'],
  ...['sha256', 'content_key', 'facts', 'asked_by'],
];

function recordOf(record: Record<string, unknown> | undefined): Record<string, string> {
  const known = OPERATORS_FIELDS.filter((name) => record?.[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, textOf(record?.[name])]));
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Each line has these. */
const USUAL = new Set(['media_id', 'owner_id', 'time', 'unit', 'severity', 'message']);

function eventOf(line: LogLine): string {
  const { time = '', unit = '', severity = '', message = '' } = line;
  const fields = Object.entries(line).filter(
    ([name]) => !USUAL.has(name) && !name.startsWith('logging.googleapis.com/'),
  );
  const rest = fields.length > 0 ? ` ${JSON.stringify(Object.fromEntries(fields))}` : '';
  return printable(`${time} ${unit} ${severity} ${message}${rest}`);
}
