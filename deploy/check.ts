/** `npm run deploy:check`: everything about a deployment that can be checked without a cloud. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkAccess } from './check/access.ts';
import { checkDatabase } from './check/database.ts';
import { checkEnvironment } from './check/environment.ts';
import { checkInstances } from './check/instances.ts';
import { checkModel, checkProviders } from './check/model.ts';
import { checkPage } from './check/page.ts';
import { checkQueues } from './check/queues.ts';
import { checkRoutes } from './check/routes.ts';
import { Terraform } from './check/terraform.ts';

const ROOT = join(import.meta.dirname, '..');

const terraform = new Terraform(join(ROOT, 'terraform'));
const checks = {
  'variables of the units': checkEnvironment(terraform),
  'routes and the URL map': checkRoutes(terraform, readFileSync(join(ROOT, 'docs/api.md'), 'utf8')),
  'headers of the page': checkPage(terraform, ROOT),
  queues: checkQueues(terraform),
  'who may call the worker': checkAccess(terraform),
  'the model of the examples': checkModel(ROOT),
  'providers of models': checkProviders(terraform),
  'instances, their numbers and timeouts': checkInstances(terraform),
  'indexes and expiry': await checkDatabase(terraform, ROOT),
};
for (const [what, problems] of Object.entries(checks)) {
  console.log(`${problems.length === 0 ? 'ok     ' : 'FAILED '} ${what}`);
  for (const problem of problems) console.error(`        ${problem}`);
}
process.exitCode = Object.values(checks).every((problems) => problems.length === 0) ? 0 : 1;
