/**
 * `local-cloud firestore storage`: runs services for any program that uses Google's clients. Prints the variables that
 * point the clients to them.
 */
import { parseArgs } from 'node:util';
import { DataDirError } from './base/data-dir.ts';
import { DataFileError } from './base/data-file.ts';
import { ListenError, SERVICES, type ServiceName, startServices } from './services.ts';

const USAGE = `Usage: local-cloud SERVICE… [OPTIONS]

Runs Google's services on this machine, all in one process. SERVICE is firestore, storage,
tasks or identity. The output is variables for a shell, which Google's clients read.

  --port PORT            the port, if one service is named
  --SERVICE-port PORT    its port, such as --firestore-port 8099; without it, any free port
  --host HOST            a name of this machine, or an IPv4 address; 127.0.0.1 if not given.
                         Nobody needs a password: with 0.0.0.0, whoever reaches this machine
                         reads and changes everything
  --data-dir DIR         keeps all data in this folder; without it, nothing is kept
  --project ID           the project in the credentials of the storage; local-cloud if not given
  --help`;

class UsageError extends Error {}

async function main(): Promise<void> {
  const { names, options } = readCommandLine(process.argv.slice(2));
  if (names.length === 0) {
    console.log(USAGE);
    return;
  }
  const services = await startServices(names, options);
  for (const [variable, value] of Object.entries(services.variables)) {
    console.log(`export ${variable}=${value}`);
  }
  for (const note of services.notes) console.log(`# ${note}`);
  console.log(`# Ready: ${names.join(', ')}. Ctrl-C ends it.`);
  const stop = () => {
    services.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** @returns no names if help is asked for */
function readCommandLine(args: string[]) {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
  const { positionals, values } = parsed;
  const { host, project } = values;
  const names = values.help ? [] : [...new Set(positionals.map(serviceOf))];
  if (!values.help && names.length === 0) throw new UsageError('Name a service.');
  if (host.includes(':')) throw new UsageError('--host is a name or an IPv4 address.');
  const [only] = names;
  if (values.port !== undefined && names.length > 1) {
    throw new UsageError(`--port is for one service. Here it is --${only}-port.`);
  }
  const ports: Partial<Record<ServiceName, number>> = {};
  if (only && values.port !== undefined) ports[only] = portOf('port', values.port);
  for (const name of SERVICES) {
    const given = values[`${name}-port`];
    if (given !== undefined) ports[name] = portOf(`${name}-port`, given);
  }
  return { names, options: { project, host, ports, dataDir: values['data-dir'] } };
}

function serviceOf(text: string): ServiceName {
  const name = SERVICES.find((each) => each === text);
  if (!name) throw new UsageError(`There is no service "${text}".`);
  return name;
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--${option} is "${text}"; it must be a whole number from 0 to 65535.`);
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      'firestore-port': { type: 'string' },
      'storage-port': { type: 'string' },
      'tasks-port': { type: 'string' },
      'identity-port': { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      'data-dir': { type: 'string' },
      project: { type: 'string', default: 'local-cloud' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else if (
    error instanceof DataDirError ||
    error instanceof DataFileError ||
    error instanceof ListenError
  ) {
    console.error(error.message);
  } else console.error(error);
  process.exit(1);
});
