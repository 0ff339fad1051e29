import { describe, expect, test } from '@jest/globals';
import { literal, parseHcl, parseObject } from './hcl.ts';

describe('the structure of Terraform files', () => {
  test('is blocks with labels, nested blocks, and attributes with the text of their values', () => {
    const text = `
      resource "google_cloud_tasks_queue" "upload" {
        name = var.upload_queue # of storing
        rate_limits { max = 5 }
        dynamic "env" {
          for_each = merge(
            local.a, // two
            { for name, value in local.b : name => value if value != "" },
          )
          content {}
        }
      }`;
    expect(parseHcl(text)).toEqual({
      attributes: {},
      blocks: [
        {
          type: 'resource',
          labels: ['google_cloud_tasks_queue', 'upload'],
          attributes: { name: 'var.upload_queue' },
          blocks: [
            { type: 'rate_limits', labels: [], attributes: { max: '5' }, blocks: [] },
            {
              type: 'dynamic',
              labels: ['env'],
              attributes: { for_each: expect.stringMatching(/^merge\([\s\S]*\)$/) },
              blocks: [{ type: 'content', labels: [], attributes: {}, blocks: [] }],
            },
          ],
        },
      ],
    });
  });

  test('ignores brackets and quotes in comments, strings and heredocs', () => {
    const text = `
      # resource "in" "a comment" {
      /* a = 1
      } */
      quoted = "} \\" # \${join("}", ["{"])} $\${"
      heredoc = <<-EOT
        } not = the end
        EOT
      last = !(1 == 2) ? "a" : "b"`;
    const { attributes, blocks } = parseHcl(text);
    expect(blocks).toEqual([]);
    expect(Object.keys(attributes)).toEqual(['quoted', 'heredoc', 'last']);
    expect(attributes.last).toBe('!(1 == 2) ? "a" : "b"');
  });

  test('errors name the line that is not understood', () => {
    expect(() => parseHcl('a = 1\nb {\n  c\n')).toThrow('line 4');
    expect(() => parseHcl('a = 1\n}')).toThrow('line 2: not understood: }');
    expect(() => parseHcl('a =\nb = 2')).toThrow('line 1');
  });
});

test('names in an object may be quoted or not, entries may share a line or not', () => {
  expect(parseObject('{ A = 1, "B" = var.b\n  C = { D = 2 }\n}')).toEqual({
    A: '1',
    B: 'var.b',
    C: '{ D = 2 }',
  });
});

test.each([
  ['"a"', 'a'],
  ['""', ''],
  ['-1.5', '-1.5'],
  ['true', 'true'],
  [`"a \${var.b}"`, undefined],
  ['var.b', undefined],
  [undefined, undefined],
])('the literal value of %s is %s', (text, value) => {
  expect(literal(text)).toBe(value);
});
