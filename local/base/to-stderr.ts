/** The default output for messages of the local services. Tests replace it. */
export const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);
