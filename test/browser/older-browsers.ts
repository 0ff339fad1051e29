/**
 * Which parts of the web's platform a built file uses that the oldest browsers of `web/browsers.ts` lack. Which browser has what
 * since when is known from web-features, the data behind Baseline: https://web-platform-dx.github.io/web-features/
 */
import { type Node, parse } from 'acorn';
import { features } from 'web-features';
import { OLDEST_BROWSERS } from '../../web/browsers.ts';

const BROWSERS = ['chrome', 'firefox', 'safari'] as const;

/** Only where a page came by https or from this machine: https://developer.mozilla.org/docs/Web/Security/Secure_Contexts */
const BY_HTTPS = ['randomUUID', 'subtle', 'serviceWorker', 'caches', 'clipboard', 'locks'];

/** Whether all of the oldest browsers have it, by its key such as `javascript.builtins.Array.at`. */
const isOldEnough = new Map<string, boolean>();
for (const feature of Object.values(features)) {
  if (feature.kind !== 'feature') continue;
  const byKey: Record<string, { support: Partial<Record<string, string>> }> =
    feature.status.by_compat_key ?? {};
  for (const [key, { support }] of Object.entries(byKey)) {
    const has = (browser: (typeof BROWSERS)[number]) => {
      const since = Number.parseFloat(support[browser]?.replace('≤', '') ?? 'Infinity');
      return since <= OLDEST_BROWSERS[browser];
    };
    isOldEnough.set(key, BROWSERS.every(has));
  }
}

/** By the last part of their keys, such as `at`: whether at least one of them is old enough. */
const byName = (prefix: RegExp) => {
  const names = new Map<string, boolean>();
  for (const [key, isOld] of isOldEnough) {
    if (!prefix.test(key)) continue;
    const name = key.slice(key.lastIndexOf('.') + 1).replace(/_static$/, '');
    names.set(name, isOld || names.get(name) === true);
  }
  return names;
};

const GLOBALS = byName(/^(javascript\.builtins|api)\.[^.]+$/);
/** Not of all of the platform: it has thousands of names, and many of them are names of ours too. */
const MEMBERS = byName(
  /^(javascript\.builtins\.[^.]+|api\.(AbortSignal|Blob|Document|Element|Headers|Node|ReadableStream|Request|Response|URL|URLSearchParams))\.[^.]+$/,
);
const SELECTORS = byName(/^css\.selectors\.[^.]+$/);
const FUNCTIONS = byName(/^css\.types\./);

/** @returns names such as `Promise.withResolvers`, `.toReversed` (of whatever object) and `WeakRef` */
export function tooNewInScript(code: string): string[] {
  const found = new Set<string>();
  const visit = (node: Node): void => {
    const member = memberOf(node);
    if (member && isTooNew(member)) found.add(`${member.object ?? ''}.${member.property}`);
    const name = member ? undefined : identifierOf(node);
    if (name !== undefined && GLOBALS.get(name) === false) found.add(name);
    for (const [key, child] of Object.entries(node)) {
      // The name behind the dot is no global, nor is that of a property.
      if (member && key === 'property') continue;
      if (key === 'key') continue;
      for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) visit(each);
    }
  };
  visit(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }));
  return [...found].sort();
}

interface Member {
  /** The name of the object, if it is one of the platform's. */
  object: string | undefined;
  property: string;
}

function memberOf(node: Node): Member | undefined {
  if (node.type !== 'MemberExpression' || !('property' in node) || !('object' in node)) return;
  if ('computed' in node && node.computed) return undefined;
  const property = identifierOf(node.property);
  const object = identifierOf(node.object);
  if (property === undefined) return undefined;
  return { object: object !== undefined && GLOBALS.has(object) ? object : undefined, property };
}

function isTooNew({ object, property }: Member): boolean {
  if (BY_HTTPS.includes(property)) return true;
  const keys = ['javascript.builtins', 'api'].flatMap((part) =>
    ['', '_static'].map((end) => `${part}.${object}.${property}${end}`),
  );
  const known = keys.flatMap((key) => isOldEnough.get(key) ?? []);
  return known.length > 0 ? !known.includes(true) : MEMBERS.get(property) === false;
}

function identifierOf(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== 'Identifier' || !('name' in node)) return undefined;
  return String(node.name);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/**
 * A rule with an unknown selector is dropped whole, and a declaration with an unknown function too. What an older browser
 * merely passes over, such as a new property, costs it nothing.
 * @returns names such as `:has` and `light-dark()`
 */
export function tooNewInStyles(css: string): string[] {
  const found = new Set<string>();
  const unguarded = css
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/@supports[^{]*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g, '');
  for (const [, selector = '', body = ''] of unguarded.matchAll(/([^{}]*)\{([^{}]*)\}/g)) {
    for (const [, name = ''] of selector.matchAll(/::?([\w-]+)/g)) {
      if (SELECTORS.get(name) === false) found.add(`:${name}`);
    }
    const plain = new Set<string>();
    for (const declaration of body.split(';')) {
      const [, property = '', value = ''] = /^\s*([\w-]+)\s*:(.*)$/s.exec(declaration) ?? [];
      const functions = [...value.matchAll(/([\w-]+)\(/g)].map(([, name = '']) => name);
      const newer = functions.filter((name) => FUNCTIONS.get(name) === false);
      if (newer.length === 0) plain.add(property);
      const isReplaced = [property, property.replace(/-color$/, '')].some((each) =>
        plain.has(each),
      );
      if (!isReplaced) for (const name of newer) found.add(`${name}()`);
    }
  }
  return [...found].sort();
}
