/** Where the command runs, and who stops it. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  /** From which paths start. */
  folder: string;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}
