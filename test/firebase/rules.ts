/**
 * Puts the table of `test/rules/` to the Firestore emulator, which is Google's own evaluator of rules.
 * https://firebase.google.com/docs/emulator-suite/connect_firestore
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const { FIRESTORE_EMULATOR_HOST: host = '' } = process.env;
const PROJECT = 'demo-media-rules';
const DATABASE = `projects/${PROJECT}/databases/(default)`;
const here = (path: string) => new URL(path, import.meta.url);

const dataSchema = z.record(z.string(), z.unknown());
const caseSchema = z.tuple([
  z.string(),
  z.enum(['get', 'list', 'create', 'update', 'delete']),
  z.string(),
  z.object({ uid: z.string(), token: dataSchema.optional() }).nullable(),
  z.boolean(),
  z
    .object({
      docs: z.record(z.string(), dataSchema),
      data: dataSchema,
      query: z.object({ where: dataSchema, limit: z.number() }).partial(),
    })
    .partial()
    .default({}),
]);
type Case = z.infer<typeof caseSchema>;

if (!host) {
  console.error('FIRESTORE_EMULATOR_HOST is not set: use "npm run test:firebase".');
  process.exit(1);
}
const cases = z
  .array(caseSchema)
  .parse(JSON.parse(readFileSync(here('../rules/cases.json'), 'utf8')));
await useRules(readFileSync(here('../../firestore.rules'), 'utf8'));
let failed = 0;
for (const each of cases) {
  const [name, , , , allowed] = each;
  const got = await isAllowed(each);
  if (got === allowed) continue;
  failed++;
  console.error(`✕ ${name}: ${got ? 'allowed' : 'denied'}, and should not be`);
}
console.log(`rules: ${cases.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

async function useRules(content: string): Promise<void> {
  const body = { rules: { files: [{ name: 'firestore.rules', content }] } };
  await asOwner('PUT', `/emulator/v1/projects/${PROJECT}:securityRules`, body);
}

async function isAllowed([, method, path, who, , { docs = {}, data = {}, query = {} }]: Case) {
  await asOwner('DELETE', `/emulator/v1/${DATABASE}/documents`);
  for (const [name, document] of Object.entries(docs)) {
    await asOwner('PATCH', `/v1/${DATABASE}/documents/${name}`, toDocument(document));
  }
  const collection = path.slice(0, path.lastIndexOf('/'));
  const document = `/v1/${DATABASE}/documents/${path}`;
  const authorization: Record<string, string> = who
    ? { Authorization: `Bearer ${unsignedToken(who)}` }
    : {};
  const ask = (verb: string, url: string, body?: unknown) => call(verb, url, authorization, body);
  const exists = (there: boolean) => `?currentDocument.exists=${there}`;
  const response = await {
    get: () => ask('GET', document),
    delete: () => ask('DELETE', document),
    create: () => ask('PATCH', document + exists(false), toDocument(data)),
    update: () => ask('PATCH', document + exists(true), toDocument(data)),
    list: () => ask('POST', `/v1/${DATABASE}/documents:runQuery`, toQuery(collection, query)),
  }[method]();
  // What is not there may be told of only to who may read it.
  if (response.ok || response.status === 404) return true;
  if (response.status === 403) return false;
  throw new Error(`The emulator answers ${response.status}: ${await response.text()}`);
}

async function asOwner(verb: string, path: string, body?: unknown): Promise<void> {
  // The emulator's own word for somebody whom no rule binds.
  const response = await call(verb, path, { Authorization: 'Bearer owner' }, body);
  if (!response.ok) throw new Error(`${verb} ${path}: ${response.status} ${await response.text()}`);
}

function call(
  verb: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Response> {
  return fetch(`http://${host}${path}`, {
    method: verb,
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** As Firebase Authentication's, but without a signature, which the emulator does not ask for. */
function unsignedToken({ uid, token = {} }: { uid: string; token?: object | undefined }): string {
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: `https://securetoken.google.com/${PROJECT}`,
    aud: PROJECT,
    sub: uid,
    user_id: uid,
    iat: now,
    auth_time: now,
    exp: now + 3_600,
    firebase: { sign_in_provider: 'custom', identities: {} },
    ...token,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

function toQuery(
  collectionId: string,
  { where = {}, limit }: { where?: object | undefined; limit?: number | undefined },
) {
  const filters = Object.entries(where).map(([fieldPath, value]) => ({
    fieldFilter: { field: { fieldPath }, op: 'EQUAL', value: toValue(value) },
  }));
  return {
    structuredQuery: {
      from: [{ collectionId }],
      ...(filters.length > 0 && { where: { compositeFilter: { op: 'AND', filters } } }),
      ...(limit !== undefined && { limit }),
    },
  };
}

function toDocument(data: Record<string, unknown>) {
  const fields = Object.entries(data).map(([name, value]) => [name, toValue(value)]);
  return { fields: Object.fromEntries(fields) };
}

/** https://firebase.google.com/docs/firestore/reference/rest/v1/Value */
function toValue(value: unknown): object {
  if (value === null) return { nullValue: null };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { integerValue: String(value) } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toValue) } };
  return { mapValue: toDocument(value as Record<string, unknown>) };
}
