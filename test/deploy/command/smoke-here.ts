/** `npm run smoke` for a page of this machine, whatever the address of the deployed one is. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const smoke = fileURLToPath(new URL('../../../deploy/smoke.ts', import.meta.url));
const args = [smoke, process.env.TEST_PAGE ?? ''];
process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
