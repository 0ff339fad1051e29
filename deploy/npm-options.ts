import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>;

/**
 * Reads the command line of a script, and answers `--help`. Ends the program with 2 if the line is wrong.
 * @param script as in `npm run SCRIPT`
 * @param read what it throws is said after the usage; its message may be the usage itself, if there is no more to say
 */
export function readCommand<const O extends Options, Read>(
  script: string,
  usage: string,
  options: O,
  read: (values: Parsed<O>['values'], positionals: string[]) => Read,
): Read {
  const names = Object.keys(options);
  try {
    const help = { type: 'boolean', short: 'h' } as const;
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { ...options, help },
    });
    if ('help' in values) {
      console.log(usage);
      process.exit(0);
    }
    const kept = keptByNpm(script, names, process.argv, process.env);
    if (kept !== undefined) throw new Error(kept);
    return read(values as Parsed<O>['values'], positionals);
  } catch (error) {
    const message = plainly(error as Error, names);
    console.error(message === usage ? usage : `${usage}\n\n${message}`);
    process.exit(2);
  }
}

/**
 * npm keeps options that stand before `--` for itself: `npm run deploy --dry-run` would deploy. It hands them on only in the
 * environment: https://docs.npmjs.com/cli/v11/using-npm/config#environment-variables
 * @param script as in `npm run SCRIPT` @param names options of the script, without their dashes
 * @returns a message for the user; undefined if npm has kept nothing
 * @example keptByNpm('deploy', ['dry-run'], [], { npm_config_dry_run: 'true' }) // 'npm has kept --dry-run for itself …'
 */
export function keptByNpm(
  script: string,
  names: readonly string[],
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): string | undefined {
  const isGiven = (name: string) =>
    args.some((each) => each === `--${name}` || each.startsWith(`--${name}=`));
  const kept = names.filter((name) => {
    const value = env[`npm_config_${name.replaceAll('-', '_')}`];
    return value && value !== 'false' && !isGiven(name);
  });
  if (kept.length === 0) return undefined;
  const options = kept.map((name) => `--${name}`);
  return `npm has kept ${options.join(', ')} for itself, so nothing was done. Write -- before all options: npm run ${script} -- … ${options.join(' … ')} …`;
}

/**
 * The message of `parseArgs`, without its advice about words that begin with a dash.
 * @param names options of the script, without their dashes
 * @example plainly(new Error("Unknown option '--projct'. To specify …"), ['project']) // "Unknown option '--projct'. Is it
 * --project?"
 */
export function plainly({ message }: Error, names: readonly string[]): string {
  const [, said, name] = /^(Unknown option '-*([^']*)')(?:\.|$)/.exec(message) ?? [];
  if (said === undefined || name === undefined) return message;
  const near = names.find((each) => isNear(each, name));
  return near === undefined ? `${said}.` : `${said}. Is it --${near}?`;
}

/** True if one is the beginning of the other, or one letter is added, missing or different. */
function isNear(option: string, written: string): boolean {
  if (written.length > 2 && (option.startsWith(written) || written.startsWith(option))) return true;
  let begin = 0;
  while (begin < option.length && option[begin] === written[begin]) begin++;
  const [a, b] = [option.slice(begin), written.slice(begin)];
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1);
}
