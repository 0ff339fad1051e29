/** Rules for new objects in a bucket: which of them become media by themselves, and of which owner. */
import { analysisNamesSchema, languageSchema } from '@media-analysis/shared/analyses';
import { z } from 'zod';
import { jsonText } from '../../process/json-text.ts';

/** https://cloud.google.com/storage/docs/buckets#naming */
export const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, 'the name of a bucket, without gs://');

/** Stands in a prefix for one folder. The name of the folder is the id of the owner. */
const OWNER = '{owner}';

const ruleSchema = z
  .strictObject({
    bucket: bucketName,
    prefix: z
      .string()
      .max(1_000)
      .regex(/^[^\r\n]*$/, 'one line')
      .default(''),
    /** Without it, the prefix has `{owner}`. */
    owner: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, 'the id of a user: up to 255 signs without blanks')
      .optional(),
    in_place: z.boolean().default(false),
    analyze: z.boolean().default(true),
    /** Without it, `describe`. */
    analyses: analysisNamesSchema.optional(),
    language: languageSchema.default('en'),
  })
  .refine(({ prefix }) => /^([^{}]*\/)?\{owner\}\/[^{}]*$|^[^{}]*$/.test(prefix), {
    path: ['prefix'],
    message: 'text, in which {owner} may stand once in place of a folder: users/{owner}/',
  })
  .refine(({ prefix, owner }) => prefix.includes(OWNER) === (owner === undefined), {
    path: ['owner'],
    message: 'the id of a user; or none, and {owner} in the prefix',
  })
  .refine(({ analyze, analyses }) => analyze || analyses === undefined, {
    path: ['analyses'],
    message: 'none can be made if analyze is false',
  });
export type ArrivalRule = z.infer<typeof ruleSchema>;

/** The setting: JSON, such as `[{"bucket": "shop-photos", "prefix": "users/{owner}/"}]`. */
export const arrivalRulesSchema = jsonText.pipe(
  z
    .array(ruleSchema)
    .max(50)
    .refine(
      (rules) => new Set(rules.map(keyOf)).size === rules.length,
      'each bucket and prefix once',
    ),
);

const keyOf = ({ bucket, prefix }: ArrivalRule) => `${bucket}/${prefix}`;

/** Notifications of Cloud Storage can filter by this prefix. */
export function fixedPrefixOf({ prefix }: Pick<ArrivalRule, 'prefix'>): string {
  return prefix.split(OWNER)[0] ?? '';
}

/**
 * Finds the rule for an object. The longest prefix wins.
 * @returns undefined if no rule matches
 * @example ruleFor([{ bucket: 'shop', prefix: 'users/{owner}/', … }], 'shop', 'users/alice/a.jpg') // … ownerId: 'alice'
 */
export function ruleFor(
  rules: readonly ArrivalRule[],
  bucket: string,
  name: string,
): { rule: ArrivalRule; ownerId: string } | undefined {
  const found = rules.flatMap((rule) => {
    const ownerId = rule.bucket === bucket ? ownerOf(rule, name) : undefined;
    return ownerId === undefined ? [] : [{ rule, ownerId }];
  });
  return found.sort((a, b) => b.rule.prefix.length - a.rule.prefix.length)[0];
}

function ownerOf({ prefix, owner }: ArrivalRule, name: string): string | undefined {
  if (owner !== undefined) return name.startsWith(prefix) ? owner : undefined;
  const [before = '', after = ''] = prefix.split(OWNER);
  if (!name.startsWith(before)) return undefined;
  const end = name.indexOf('/', before.length);
  return end !== -1 && name.startsWith(after, end) ? name.slice(before.length, end) : undefined;
}
