/**
 * npm keeps options that stand before `--` for itself: `npm run deploy --dry-run` would deploy. It hands them on only in the
 * environment: https://docs.npmjs.com/cli/v11/using-npm/config#environment-variables
 */

/**
 * @param script As in `npm run SCRIPT`. @param names Options of the script, without their dashes.
 * @returns What to say to the person; undefined if npm has kept nothing.
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
