/**
 * Loads a part of the page, in place of Vite's own function: `web/vite.config.ts` puts it there. A browser remembers
 * that a module could not be loaded for as long as the page lives, and does not ask again:
 * https://github.com/whatwg/html/issues/6768. So each file of a part is fetched as a plain file first, and the part is
 * imported only when all are there. The files that the page begins with are loaded at once: without them nothing works,
 * and the page offers to load all of it again.
 */

const loading = new Map<string, Promise<void>>();

/**
 * @param files The part and all that it needs, from the root of the page.
 * @throws the browser's error for a file that does not load; the next call asks for it again
 */
export async function loadPart<Part>(
  load: () => Promise<Part>,
  files: readonly string[] = [],
): Promise<Part> {
  const bringAll = document.readyState === 'complete' ? bringOnce : begin;
  try {
    await Promise.all(files.map((file) => bringAll(new URL(file, location.origin).href)));
    return await load();
  } catch (error) {
    // Name of Vite's own event.
    dispatchEvent(new Event('vite:preloadError'));
    throw error;
  }
}

/** Loads a file along with those of the document. It ignores errors: `load` reports them. */
async function begin(href: string): Promise<void> {
  if (isOfPage(href)) return;
  if (href.endsWith('.css')) return style(href);
  document.head.append(
    Object.assign(document.createElement('link'), { rel: 'modulepreload', href }),
  );
}

function bringOnce(href: string): Promise<void> {
  const coming = loading.get(href) ?? (isOfPage(href) ? Promise.resolve() : bring(href));
  loading.set(href, coming);
  coming.catch(() => loading.delete(href));
  return coming;
}

/** Whether the page's own document loads it. */
const isOfPage = (href: string) =>
  [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>('script,link')].some(
    (each) => ('src' in each ? each.src : each.href) === href,
  );

async function bring(href: string): Promise<void> {
  if (href.endsWith('.css')) return style(href);
  // Now the browser has the file in its cache. A failed preload would be remembered, too.
  const answer = await fetch(href);
  if (!answer.ok) throw new Error(`${href}: ${answer.status}`);
  await answer.arrayBuffer();
}

function style(href: string): Promise<void> {
  const link = document.createElement('link');
  return new Promise((resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      reject(new Error(`${href} could not be loaded.`));
    };
    document.head.append(Object.assign(link, { rel: 'stylesheet', crossOrigin: '', href }));
  });
}
