/** Where a service of the local cloud says what a person should know, unless a test listens. */
export const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);
