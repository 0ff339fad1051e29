/**
 * Settings that become part of a header of the page. `terraform/tests` checks the same with Terraform itself, which is not
 * everywhere.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { nested, Terraform } from './terraform.ts';

const terraform = new Terraform(fileURLToPath(new URL('../../terraform', import.meta.url)));

/** The pattern of a variable's first validation. */
function patternOf(name: string): RegExp {
  const variable = terraform.variable(name);
  const conditions = variable ? nested(variable).map(({ attributes }) => attributes.condition) : [];
  const [, pattern] = /\bregex\(("(?:[^"\\]|\\.)*")/.exec(conditions[0] ?? '') ?? [];
  if (pattern === undefined) throw new Error(`The variable ${name} has no pattern.`);
  return new RegExp(JSON.parse(pattern));
}

test.each(['sign_in_origins', 'allowed_origins'])(
  '%s are origins, and add nothing to a header',
  (name) => {
    const pattern = patternOf(name);
    for (const origin of ['https://login.example.com', 'https://localhost:8443']) {
      expect(origin).toMatch(pattern);
    }
    for (const bad of [
      'https://*',
      'https://a.example/',
      'https://a.example path',
      "https://a.example'self'",
      'https://a.example;script-src',
      'https://a.example\nX: y',
      'https://a.example\n',
      'https://A.example',
      'javascript:alert(1)',
    ]) {
      expect(bad).not.toMatch(pattern);
    }
  },
);
