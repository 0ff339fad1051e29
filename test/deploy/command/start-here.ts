/** `npm run deploy` in another folder, in a process that can be killed. */
import { main } from '../../../deploy/deploy.ts';
import { openTerminal } from '../../../deploy/steps/terminal.ts';

const [root = '', ...args] = process.argv.slice(2);
const sleep = async () => undefined;
process.exitCode = await main(args, { env: process.env, terminal: openTerminal(), root, sleep });
