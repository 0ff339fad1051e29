// The local storage in a process of its own, for tests that kill it or weigh it: the data directory
// is the one argument, the port the first line it prints.
import { startStorage } from '../../local-cloud/storage/server.ts';

const { port } = await startStorage({ dataDir: String(process.argv[2]) });
console.log(port);
