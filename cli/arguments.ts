/** Reads and checks the command line. */
import { parseArgs } from 'node:util';
import type { CreateImport } from '@media-analysis/shared/imports';

export const USAGE = `media-analysis PATH… [options]        sends photos, videos and folders of them, and shows what is seen in them
media-analysis import SOURCE [options]   has the service fetch what lies at gs://BUCKET/PREFIX, or at https://… addresses
media-analysis import ID [options]    looks at an import again
media-analysis inspect ID [options]   tells the life of one media
media-analysis mcp FOLDER… [options]  offers upload, get, search, ask and analyse_again to an agent (MCP, over stdio);
                                      it may send the photos and videos in these folders, and without a folder none

  --url URL            the address of the page. Without it, all runs on this machine
  --token TOKEN        of a user. Better in MEDIA_ANALYSIS_TOKEN: others on this machine can see arguments
  --key KEY            a service key, together with --on-behalf-of. Better in MEDIA_ANALYSIS_KEY
  --on-behalf-of USER  for whom the service key acts
  --analysis NAME      what is made of each file, such as describe, receipt or alt-text; may be repeated. Default: describe
  --language TAG       in which the model writes, such as ja. Default: en
  --in-place           of import: the objects stay in their bucket
  --no-wait            of import: ends when it has begun
  --cancel             of import ID: begins no more of its files
  --log FILE           of inspect: what the units have logged, to read the deliveries from
  --project ID         of inspect: the same from the log of a Google Cloud project, by gcloud
  --json               a line of JSON for each file instead of a table
  --help, --version

Ends with 0 if every file is completed, 1 if not, 2 for wrong arguments, 130 after Ctrl-C.`;

/** The address of the service, and the caller. */
export interface ServiceOptions {
  /** Without slashes at its end; undefined: everything runs on this machine. */
  url: string | undefined;
  /** A user's token, or a service key. */
  token: string | undefined;
  /** The user for whom a service key acts. */
  onBehalfOf: string | undefined;
}

export type Command =
  | { name: 'help' | 'version' }
  | {
      name: 'send';
      service: ServiceOptions;
      paths: readonly string[];
      /** Undefined: the service's default. */
      analyses: readonly string[] | undefined;
      language: string | undefined;
      isJson: boolean;
    }
  | {
      name: 'inspect';
      service: ServiceOptions;
      id: string;
      logFile: string | undefined;
      project: string | undefined;
      isJson: boolean;
    }
  | {
      name: 'import';
      service: ServiceOptions;
      /** The import to begin, to look at again, or to cancel. */
      what: CreateImport | { id: string } | { cancel: string };
      isPatient: boolean;
      isJson: boolean;
    }
  /** Only files in these folders may be sent. */
  | { name: 'mcp'; service: ServiceOptions; folders: readonly string[] };

/** The message says which argument is wrong, and what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
  key: { type: 'string' },
  'on-behalf-of': { type: 'string' },
  analysis: { type: 'string', multiple: true },
  language: { type: 'string' },
  'in-place': { type: 'boolean', default: false },
  'no-wait': { type: 'boolean', default: false },
  cancel: { type: 'boolean', default: false },
  log: { type: 'string' },
  project: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

const OF_IMPORT = ['in-place', 'no-wait', 'cancel'] as const;

type Values = ReturnType<typeof parse>['values'];

/** @throws {UsageError} */
export function readArguments(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const { positionals, values } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const service = readService(values, env);
  const [first, ...more] = positionals;
  if (first === 'import') return readImport(more, service, values);
  refuse(values, OF_IMPORT, first === 'mcp' || first === 'inspect' ? first : 'sending');
  if (first === 'mcp') {
    refuse(values, ['analysis', 'language', 'log', 'project', 'json'], 'mcp');
    return { name: 'mcp', service, folders: more };
  }
  if (first === 'inspect') {
    const [id, ...others] = more;
    if (id === undefined || others.length > 0) throw new UsageError('Name one id: inspect ID.');
    refuse(values, ['analysis', 'language'], 'inspect');
    const { log: logFile, project, json: isJson } = values;
    if (logFile !== undefined && project !== undefined) {
      throw new UsageError('Give --log or --project, not both.');
    }
    if (project !== undefined && service.url === undefined) {
      throw new UsageError('--project is of a service: add its --url.');
    }
    return { name: 'inspect', service, id, logFile, project, isJson };
  }
  if (first === undefined) throw new UsageError('Name a photo, a video or a folder.');
  refuse(values, ['log', 'project'], 'sending');
  const analyses = analysesOf(values);
  const { language, json: isJson } = values;
  return { name: 'send', service, paths: positionals, analyses, language, isJson };
}

const analysesOf = ({ analysis }: Values) =>
  analysis?.flatMap((names) => names.split(',')).filter(Boolean);

function readImport(sources: readonly string[], service: ServiceOptions, values: Values): Command {
  refuse(values, ['log', 'project'], 'import');
  if (service.url === undefined || service.onBehalfOf === undefined) {
    throw new UsageError(
      'An import needs a service and its key: --url URL --on-behalf-of USER, with the key in MEDIA_ANALYSIS_KEY.',
    );
  }
  const { json: isJson, 'no-wait': isHasty, 'in-place': in_place, cancel, language } = values;
  const rest = { name: 'import', service, isPatient: !isHasty, isJson } as const;
  const [first] = sources;
  if (first === undefined) throw new UsageError('Name gs://BUCKET/PREFIX, addresses, or an id.');
  if (!/^(gs|https?):/.test(first)) {
    if (sources.length > 1 || !/^[A-Za-z0-9]{1,64}$/.test(first)) {
      throw new UsageError(
        `import ${sources.join(' ')}: gs://BUCKET/PREFIX, addresses, or one id.`,
      );
    }
    refuse(values, ['analysis', 'language', 'in-place'], 'an import that has begun');
    return { ...rest, what: cancel ? { cancel: first } : { id: first } };
  }
  refuse(values, ['cancel'], 'a new import: name its id');
  const isOfBucket = first.startsWith('gs:');
  if (isOfBucket ? sources.length > 1 : sources.some((each) => !/^https?:/.test(each))) {
    throw new UsageError('Name one gs://BUCKET/PREFIX, or addresses.');
  }
  if (in_place && !isOfBucket) throw new UsageError('--in-place is for a bucket, gs://….');
  const analyses = analysesOf(values);
  const what: CreateImport = {
    source: isOfBucket ? { gs: first } : { urls: [...sources] },
    ...(in_place && { in_place }),
    ...(analyses && { analyses }),
    ...(language !== undefined && { language }),
  };
  return { ...rest, what };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function refuse(values: Values, names: readonly (keyof Values)[], command: string): void {
  const given = names.find((name) => values[name] !== undefined && values[name] !== false);
  if (given !== undefined) throw new UsageError(`--${given} does not belong to ${command}.`);
}

function readService(values: Values, env: NodeJS.ProcessEnv): ServiceOptions {
  const { url, token: givenToken, key: givenKey, 'on-behalf-of': onBehalfOf } = values;
  if (givenToken !== undefined && givenKey !== undefined) {
    throw new UsageError('Give --token or --key, not both.');
  }
  // If the environment has both, the token counts, unless a user is named. Neither is for a service on this machine.
  const isKeyMeant = onBehalfOf !== undefined || (url !== undefined && !env.MEDIA_ANALYSIS_TOKEN);
  const isKeyGiven = givenKey !== undefined || (givenToken === undefined && isKeyMeant);
  const key = isKeyGiven ? (givenKey ?? env.MEDIA_ANALYSIS_KEY) || undefined : undefined;
  const token = isKeyGiven ? undefined : (givenToken ?? env.MEDIA_ANALYSIS_TOKEN) || undefined;
  if (onBehalfOf !== undefined && key === undefined) {
    throw new UsageError('--on-behalf-of needs a service key: --key, or MEDIA_ANALYSIS_KEY.');
  }
  if (key !== undefined && onBehalfOf === undefined) {
    throw new UsageError('A service key acts for a user: add --on-behalf-of USER.');
  }
  if (url === undefined) {
    if (key === undefined && givenToken === undefined) {
      return { url: undefined, token: undefined, onBehalfOf: undefined };
    }
    throw new UsageError('--token and --key are for a service: add its --url.');
  }
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError(`--url ${url}: write an address such as https://media.example.com.`);
  }
  return { url: parsed.href.replace(/\/+$/, ''), token: key ?? token, onBehalfOf };
}
