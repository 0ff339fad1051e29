import { expect, test } from '@jest/globals';
import { type ComponentProps, createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { createMediaClient } from '../../client/index.ts';
import { analysisResult, media } from '../../client/testing.ts';
import { MediaClientProvider, type Upload } from '../../hooks/index.ts';
import { en, type Words, WordsProvider } from '../words/index.ts';
import { ja } from '../words/ja.ts';
import { type CardHandlers, MediaCard } from './media-card.tsx';

const nothing = () => undefined;
const handlers: CardHandlers = {
  onOpen: nothing,
  onRetry: nothing,
  onRemove: nothing,
  onFiles: nothing,
  onSendAgain: nothing,
  onDismiss: nothing,
};

function cardOf(
  change: Parameters<typeof media>[1],
  words: Words = en,
  further: Partial<ComponentProps<typeof MediaCard>> = {},
): string {
  const card = createElement(MediaCard, {
    upload: undefined,
    media: media('m1', change),
    isRetryable: false,
    handlers,
    ...further,
  });
  const withWords = createElement(WordsProvider, { value: words }, card);
  return renderToStaticMarkup(
    createElement(MediaClientProvider, { value: createMediaClient() }, withWords),
  );
}

test('a card that waits for other files of its owner only is quiet', () => {
  const card = cardOf({ status: 'pending', progress: 0, wait_code: 'no_place' });
  expect(card).toContain('data-quiet="true"');
  expect(card).not.toContain('ma-countdown');
  const told = cardOf({ status: 'pending', progress: 0, wait_code: 'analysis_unpaid' });
  expect(told).not.toContain('data-quiet');
});

test('a card of a list that is in the document in part says where in the whole list it is', () => {
  expect(cardOf({}, en, { position: 61, listSize: 400 })).toMatch(
    /^<li[^>]* aria-posinset="61" aria-setsize="400"/,
  );
  expect(cardOf({})).not.toMatch(/aria-(posinset|setsize)/);
});

test.each([
  ['English', en],
  ['Japanese', ja],
] as const)('the name of a file does not turn the words of its error round, in %s', (_, words) => {
  const name = 'a\u202egpj.txt';
  const error_message = `“${name}” is empty. Choose a file with content.`;
  const failed = { status: 'failed', error_code: 'empty_file', error_message } as const;
  const card = cardOf({ ...failed, file_name: name }, words);
  const [, error = ''] = /ma-card-error">(.*?)<\/p>/.exec(card) ?? [];
  expect(error).toContain('agpj.txt');
  expect(error).not.toContain('\u202e');
});

test('a card says which service it waits for, and until when', () => {
  const retry_at = new Date(Date.now() + 60_000).toISOString();
  const card = cardOf({ wait_code: 'analysis_unavailable', retry_at });
  expect(card).toMatch(/The analysis service does not answer now\..*Resumes in 1:00/);
});

test.each([
  ['owner', 'The analyses of your files may cost $5.00 a day'],
  ['project', 'The analyses of the files of all users together may cost $5.00 a day'],
] as const)('a card says which limit of a day is reached, and when it goes on: %s', (of, words) => {
  const retry_at = new Date(Date.now() + 3_600_000).toISOString();
  const wait_limit = { usd: 5, of };
  const card = cardOf({ wait_code: 'analysis_spend_cap', wait_limit, retry_at });
  expect(card).toContain(words);
  expect(card).toMatch(/Nothing is lost.*after midnight \(UTC\).*Resumes in 1:00:00/);
});

test('a card of a media without description says the first words of what else was made', () => {
  const output = { alt: 'A cat sleeps on a sofa.', is_decorative: false };
  const analyses = {
    'alt-text': analysisResult({ output }),
    receipt: analysisResult({ status: 'failed', error_code: 'analysis_timeout' }),
  };
  const card = cardOf({ status: 'completed', progress: 1, analyses } as Parameters<
    typeof media
  >[1]);
  expect(card).toMatch(/ma-card-title" title="m1.jpg">A cat sleeps on a sofa\.</);
});

test('a card of a file that the service has failed at names the id of the request', () => {
  const card = createElement(MediaCard, {
    upload: {
      key: 'k',
      file: new File([], 'a.jpg'),
      state: 'rejected',
      isPaused: false,
      sent: 0,
      mediaId: null,
      announcedId: null,
      error: { code: 'internal', message: 'Internal error.', requestId: '4bf92f' },
    },
    media: undefined,
    isRetryable: false,
    handlers,
  });
  const around = createElement(MediaClientProvider, { value: createMediaClient() }, card);
  expect(renderToStaticMarkup(around)).toContain('Internal error. (ID 4bf92f)');
});

test('a card without a reason to wait gives none', () => {
  expect(cardOf({ status: 'pending' })).not.toContain('ma-countdown');
});

test('a card of a media whose check is under way promises that check', () => {
  const change = { status: 'analyzing', url: '/api/media/m1/content', held: 'unchecked' } as const;
  expect(cardOf(change, en)).toContain('Not shown before it is checked.');
  expect(cardOf(change, ja)).toContain('確認が済むまで表示されません。');
});

test.each([
  [1_800_000, 14_000_000, '1.8 of 14\u00a0MB'],
  [12_600_000, 14_000_000, '13 of 14\u00a0MB'],
  [14_000_000, 14_000_000, undefined],
  [0, 14_000_000, undefined],
  [1_800_000, 3_900_000, undefined],
])('of %i of %i bytes it says how much has been sent, if the file is large', (sent, size, said) => {
  const file = new File([new Uint8Array(size)], 'a.jpg');
  const upload: Upload = {
    key: '1',
    file,
    state: 'sending',
    isPaused: false,
    sent,
    mediaId: null,
    announcedId: null,
    error: null,
  };
  const card = cardOf({}, en, { upload, media: undefined });
  if (said) expect(card).toContain(said);
  else expect(card).not.toContain('MB');
});

test('the check mark is there where one can select, and not beside a check box', () => {
  const onSelect = nothing;
  expect(cardOf({})).not.toContain('ma-card-check');
  expect(cardOf({}, en, { handlers: { ...handlers, onSelect } })).toContain('ma-card-check');
  const further = { handlers: { ...handlers, onSelect }, isSelected: false };
  expect(cardOf({}, en, further)).not.toContain('ma-card-check');
});

test('Tab comes to all controls of a card, or to none', () => {
  const selecting = { handlers: { ...handlers, onSelect: nothing } };
  const failed = { status: 'failed', url: null } as const;
  for (const change of [{}, failed]) {
    const controls = (card: string) => card.match(/<(button|input)[^>]*>/g) ?? [];
    const further = { ...selecting, isRetryable: true };
    const off = controls(cardOf(change, en, { ...further, isTabStop: false }));
    expect(off.length).toBeGreaterThan(1);
    for (const control of off) expect(control).toContain('tabindex="-1"');
    const on = controls(cardOf(change, en, { ...further, isTabStop: true }));
    expect(on.length).toBe(off.length);
    for (const control of on) expect(control).not.toContain('tabindex');
    // In a list of one's own, nothing changes.
    expect(cardOf(change, en, further)).not.toContain('tabindex');
  }
});
