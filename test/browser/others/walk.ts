/** What people do with the page, one step after the other, in whatever browser a WebDriver leads. */
import { strict as assert } from 'node:assert';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Media } from '@media-analysis/shared/media';
import sharp from 'sharp';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import { buildPage } from '../../../web/build-page.ts';
import { startGemini } from '../../support/gemini-server.ts';
import { largeVideoPieces } from '../../support/large-video.ts';
import { client, eventually, photo, startStack, TEN_PHOTOS } from '../../support/stack.ts';
import { photoPaths } from '../page.ts';
import { startProxy } from '../proxy.ts';
import { sidesWithRing } from '../ring.ts';
import type { Wishes } from './engines.ts';
import { startPlainHttp } from './plain-http.ts';
import { KEYS, type Session } from './webdriver.ts';

export type World = Awaited<ReturnType<typeof startWorld>>;

/** The product, with a model that answers when it is told to, and a proxy that counts streams and polls. */
export async function startWorld(folder: string) {
  await buildPage();
  let answers = Promise.withResolvers<void>();
  answers.resolve();
  const gemini = await startGemini({ respond: () => ({ until: answers.promise }) });
  const environment = {
    ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
    GEMINI_API_KEY: 'test',
    GEMINI_BASE_URL: gemini.url,
  };
  const stack = await startStack({ environment });
  const proxy = await startProxy(stack.url);
  const plainHttp = await startPlainHttp(stack.url);
  const avif = join(folder, 'cat.avif');
  await sharp(await readFile(photo('02-cat.png')))
    .avif()
    .toFile(avif);
  const video = join(folder, 'holiday.mov');
  await writeFile(video, largeVideoPieces(40 * 2 ** 20));
  const user = client(stack);
  const stored = async (): Promise<Media[]> => {
    const answer = await user.call('/api/media?limit=100');
    return ((await answer.json()) as { media: Media[] }).media;
  };
  return {
    proxy,
    plainHttp,
    avif,
    video,
    stored,
    storageUrl: stack.environment.STORAGE_EMULATOR_HOST ?? '',
    holdAnswers(): void {
      answers = Promise.withResolvers();
    },
    giveAnswers: () => answers.resolve(),
    /** Nothing is there any more, and all is as at first. */
    async reset(): Promise<void> {
      answers.resolve();
      Object.assign(proxy, { losesAnswers: false, streams: 0, polls: 0 });
      await Promise.all(
        (await stored()).map(({ id }) => user.call(`/api/media/${id}`, { method: 'DELETE' })),
      );
    },
    async close(): Promise<void> {
      answers.resolve();
      await Promise.all([proxy.close(), plainHttp.close()]);
      await stack.close();
      await gemini.close();
    },
  };
}

export interface Step {
  name: string;
  /** A browser of its own is started for the steps that wish the same. */
  wishes?: (world: World) => Wishes;
  /** @returns what it has seen besides, for a person to read */
  walk(session: Session, world: World): Promise<unknown>;
}

const until = (session: Session, what: string, look: () => Promise<boolean>) =>
  eventually(async () => (await look()) || undefined).catch(async (error: Error) => {
    const text = await session.run(() => document.body.textContent);
    throw new Error(`${what}: not seen. The page says: ${text.slice(0, 1_000)}`, { cause: error });
  });

/** A page writes down a second later that a file was accepted; until then the next one would look for its media. */
export const untilNothingKept = (session: Session) =>
  until(session, 'no note of a file', () =>
    session.run(async () => {
      const name = 'media-analysis-uploads-1';
      if (!(await indexedDB.databases()).some((each) => each.name === name)) return true;
      return new Promise<boolean>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const counting = opening.result.transaction('files').objectStore('files').count();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result === 0);
          };
        };
      });
    }),
  );

const untilCards = (session: Session, stage: string, count: number) =>
  until(session, `${count} cards that are ${stage}`, () =>
    session.run(
      (selector, expected) => document.querySelectorAll(selector).length === expected,
      `.ma-card[data-stage="${stage}"]`,
      count,
    ),
  );

const untilText = (session: Session, text: string) =>
  until(session, `“${text}”`, () =>
    session.run((wanted) => document.body.textContent.includes(wanted), text),
  );

const button = (words: string) =>
  `//button[normalize-space()="${words}" or starts-with(@aria-label, "${words}")]`;

const press = async (session: Session, words: string) => {
  await until(session, `a button “${words}”`, () =>
    session.run(
      (xpath) =>
        document.evaluate(xpath, document, null, XPathResult.ANY_UNORDERED_NODE_TYPE)
          .singleNodeValue !== null,
      button(words),
    ),
  );
  await session.click(button(words));
};

const choose = (session: Session, paths: readonly string[]) =>
  session.choose('input[type=file]', paths);

async function openEmpty(session: Session, { proxy }: World): Promise<void> {
  await session.resize(1280, 960);
  await session.goto(proxy.url);
  await untilText(session, 'Drop photos and videos here');
}

/** The focus goes to the gallery, which does not fit into this window. */
async function makeLow(session: Session): Promise<void> {
  await session.resize(1280, 640);
}

async function expectNoScroll(session: Session): Promise<void> {
  assert.equal(await session.run(() => scrollY), 0, 'scrolled');
}

async function sendPhotos(session: Session, world: World, ...names: string[]): Promise<void> {
  await openEmpty(session, world);
  await choose(session, photoPaths(names));
  await untilCards(session, 'completed', names.length);
}

const untilDrawn = (session: Session, count: number) =>
  until(session, `${count} pictures`, () =>
    session.run(
      (expected) =>
        [...document.querySelectorAll<HTMLImageElement>('.ma-card img')].filter(
          ({ naturalWidth }) => naturalWidth > 0,
        ).length === expected,
      count,
    ),
  );

async function sidesOfFocus(session: Session): Promise<number> {
  const area = await session.run(() => {
    const { left, top, width, height } =
      document.activeElement?.getBoundingClientRect() ?? new DOMRect();
    const [x, y, w, h] = [left, top, width, height].map((each) => each * devicePixelRatio);
    return { left: x ?? 0, top: y ?? 0, width: w ?? 0, height: h ?? 0 };
  });
  const focused = await session.screenshot();
  await session.run(() => (document.activeElement as HTMLElement | null)?.blur());
  return sidesWithRing(focused, await session.screenshot(), area);
}

const focused = (session: Session) =>
  session.run(() => document.activeElement?.getAttribute('aria-label') ?? '');

export const STEPS: readonly Step[] = [
  {
    name: 'ten photos come to their results, live, by the event stream and without a poll',
    async walk(session, world) {
      await sendPhotos(session, world, ...TEN_PHOTOS);
      await untilText(session, 'All done');
      await untilText(session, '10 of 10 ready');
      const { streams, polls } = world.proxy;
      assert.equal(polls, 0, 'polls');
      // The page asks anew when more files are accepted.
      assert(streams > 0, 'streams');
      return `${streams} streams, one after the other`;
    },
  },
  {
    name: 'a video of 40 MB is sent in pieces',
    async walk(session, world) {
      await openEmpty(session, world);
      await choose(session, [world.video]);
      await untilCards(session, 'completed', 1);
      const pieces = await session.run((storage) => {
        const all = performance.getEntriesByType('resource');
        return all.filter(({ name }) => name.startsWith(storage)).length;
      }, world.storageUrl);
      assert(pieces > 1, `${pieces} requests to Cloud Storage`);
      return `${pieces} requests`;
    },
  },
  {
    name: 'a reload in mid-batch shows the same batch with the same count',
    async walk(session, world) {
      world.holdAnswers();
      await openEmpty(session, world);
      await choose(session, photoPaths(TEN_PHOTOS.slice(0, 4)));
      await untilCards(session, 'sending', 0);
      await untilText(session, '0 of 4 ready');
      await session.reload();
      await untilText(session, '0 of 4 ready');
      world.giveAnswers();
      await untilText(session, '4 of 4 ready');
      await untilCards(session, 'completed', 4);
      assert.equal((await world.stored()).length, 4);
    },
  },
  {
    name: 'what is stopped after it has arrived, and tried again, is there once',
    async walk(session, world) {
      world.proxy.losesAnswers = true;
      await openEmpty(session, world);
      await choose(session, photoPaths(TEN_PHOTOS.slice(1, 4)));
      await eventually(async () => (await world.stored()).length === 3 || undefined);
      await press(session, 'Cancel the rest');
      await untilCards(session, 'stopped', 3);
      await eventually(async () => (await world.stored()).length === 0 || undefined);
      world.proxy.losesAnswers = false;
      await makeLow(session);
      await press(session, 'Show 3 stopped');
      await press(session, 'Try 3 again');
      await untilCards(session, 'completed', 3);
      await expectNoScroll(session);
      assert.equal((await world.stored()).length, 3);
      await session.reload();
      await untilCards(session, 'completed', 3);
    },
  },
  {
    name: 'what is deleted goes without a scroll, and comes back',
    async walk(session, world) {
      await sendPhotos(session, world, '02-cat.png', '03-coffee.webp');
      await makeLow(session);
      // Without a pointer that hovers, as in Firefox without a screen, a tile has no button to delete it.
      await session.click('//li[.//h3[@title="02-cat.png"]]//button[@class="ma-card-picture"]');
      await until(session, 'the full view', () =>
        session.run(() => document.querySelector('dialog [title="Delete"]') !== null),
      );
      await session.click('//dialog//button[@title="Delete"]');
      // The next photo comes, with the way back above it.
      await until(session, 'the next photo', () =>
        session.run(() => /03-coffee/.test(document.querySelector('dialog')?.textContent ?? '')),
      );
      await until(session, 'Undo', () =>
        session.run(() => /Undo/.test(document.querySelector('dialog')?.textContent ?? '')),
      );
      await session.press(KEYS.escape);
      await until(session, 'the end of the full view', () =>
        session.run(() => document.querySelector('dialog') === null),
      );
      await untilCards(session, 'completed', 1);
      await expectNoScroll(session);
      await press(session, 'Undo');
      await untilCards(session, 'completed', 2);
    },
  },
  {
    name: 'a word finds its photo, and Escape shows all again',
    async walk(session, world) {
      await sendPhotos(session, world, '02-cat.png', '03-coffee.webp', '08-lake.jpg');
      await until(session, 'the field of the search', () =>
        session.run(() => document.querySelector('[type=search]') !== null),
      );
      await session.click('//input[@type="search"]');
      await session.press(...'coffee');
      await untilText(session, '1 found');
      await untilCards(session, 'completed', 1);
      await session.press(KEYS.escape);
      await untilCards(session, 'completed', 3);
    },
  },
  {
    name: 'a photo that is dropped is sent (the events of the drop are made by a script)',
    async walk(session, world) {
      await openEmpty(session, world);
      const bytes = (await readFile(photo('02-cat.png'))).toString('base64');
      await session.run((base64) => {
        const data = new DataTransfer();
        const content = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
        data.items.add(new File([content], 'dropped.png', { type: 'image/png' }));
        for (const type of ['dragenter', 'dragover', 'drop']) {
          const init = { bubbles: true, cancelable: true, dataTransfer: data };
          document.querySelector('.ma-upload')?.dispatchEvent(new DragEvent(type, init));
        }
      }, bytes);
      await untilCards(session, 'completed', 1);
    },
  },
  {
    name: 'by keyboard alone: a ring around the card, the full view, the next photo, and back',
    async walk(session, world) {
      await sendPhotos(session, world, '02-cat.png', '03-coffee.webp');
      await untilDrawn(session, 2);
      const toCard = async () => {
        for (let presses = 0; presses < 60; presses++) {
          if ((await focused(session)).startsWith('Open')) return;
          await session.press(KEYS.tab);
        }
        assert.fail('Tab never comes to a card.');
      };
      await toCard();
      await session.press(KEYS.enter);
      const shown = () =>
        session.run(() => document.querySelector('dialog, [role=dialog]')?.textContent ?? '');
      const untilShown = (words: string) =>
        until(session, `the full view with “${words}”`, async () =>
          (await shown()).includes(words),
        );
      await untilShown('02-cat.png');
      await session.press(KEYS.right);
      await untilShown('03-coffee.webp');
      await session.press(KEYS.escape);
      await until(session, 'the end of the full view', async () => (await shown()) === '');
      assert.match(await focused(session), /^Open.*03-coffee/);
      assert.equal(await sidesOfFocus(session), 4, 'sides of the card with a ring');
    },
  },
  {
    name: 'HEIC and AVIF are shown',
    async walk(session, world) {
      await openEmpty(session, world);
      await choose(session, [...photoPaths(['21-cat-iphone.heic']), world.avif]);
      await untilCards(session, 'completed', 2);
      await untilDrawn(session, 2);
    },
  },
  {
    name: 'in Japanese and dark, for those who have set that',
    wishes: () => ({ language: 'ja', isDark: true }),
    async walk(session, world) {
      await session.goto(world.proxy.url);
      // WebKitGTK takes the language of the system, if the system knows it.
      const isSet = await session.run(() => navigator.language.startsWith('ja'));
      if (!isSet) {
        await press(session, 'More');
        const language = '//*[@role="menuitem"][normalize-space()="日本語"]';
        await until(session, 'the menu', () =>
          session.run(() => document.querySelector('[role="menuitem"]') !== null),
        );
        await session.click(language);
      }
      await untilText(session, '写真や動画をここにドロップ');
      await choose(session, photoPaths(['02-cat.png']));
      await untilCards(session, 'completed', 1);
      await untilText(session, 'すべて完了');
      const page = await sharp(await session.screenshot())
        .greyscale()
        .stats();
      const mean = page.channels[0]?.mean ?? 255;
      assert(mean < 100, `mean brightness ${Math.round(mean)} of 255`);
      return isSet ? undefined : 'Japanese by the switch of the page: this system does not know it';
    },
  },
  {
    name: 'by plain http on another name: photos and a video of 40 MB',
    wishes: ({ plainHttp }) => ({ proxy: plainHttp.proxy }),
    async walk(session, world) {
      await session.goto(world.plainHttp.url);
      await untilText(session, 'Drop photos and videos here');
      assert.equal(await session.run(() => isSecureContext), false, 'isSecureContext');
      await choose(session, [...photoPaths(TEN_PHOTOS.slice(0, 2)), world.video]);
      await untilCards(session, 'completed', 3);
      await untilText(session, 'All done');
    },
  },
];
