import { expect, test } from '@jest/globals';
import { llmsText } from './llms-text.ts';

test('it has the documents as sections of one, and no link that leads nowhere', () => {
  const text = llmsText();
  const withoutCode = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  expect(withoutCode.match(/^# /gm)).toHaveLength(1);
  expect(text).toMatch(/^## The API$/m);
  expect(text).toMatch(/^### Who asks$/m);
  expect(text).toContain('`POST /api/agent/analyze-media`');
  const links = [...text.matchAll(/\]\(([^)]*)\)/g)].map(([, target]) => target);
  expect(links.filter((target) => !/^(https:|\/api\/|\/config\.json)/.test(target ?? ''))).toEqual(
    [],
  );
});
