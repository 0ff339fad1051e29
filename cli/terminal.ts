/** The environment of the command, and the signal that stops it. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  /** Relative paths start here. */
  folder: string;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}
