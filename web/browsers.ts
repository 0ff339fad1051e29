import type { Plugin } from 'vite';

/** The oldest browsers that the page and the library work in. Chrome 109 is the last one for Windows 7, Firefox 115 too. */
export const OLDEST_BROWSERS = { chrome: 109, firefox: 115, safari: 16.4 };

/** The same for the build, which rewrites newer syntax: https://vite.dev/config/build-options#build-target */
export const BUILD_TARGET = Object.entries(OLDEST_BROWSERS).map(
  ([name, version]) => name + version,
);

/**
 * Lightning CSS, which builds the styles of apps with Vite and Next.js, makes two variables of `light-dark()`, and sets them
 * beside each `color-scheme` that it sees. An app may have none: then it is light, as in a browser. What the app sets wins.
 */
const LIGHT_UNLESS_SAID =
  ':where(:root) {\n  --lightningcss-light: initial;\n  --lightningcss-dark: ;\n}';

/**
 * A browser that does not know `light-dark()` shows the light colours, all of which are custom properties of `:root`. Vite's
 * own way, as on the page, would need `color-scheme` in a style sheet that Vite builds too, and an app's may be another one.
 */
export function lightInOlderBrowsers(fileName: string): Plugin {
  const lightDark = /light-dark\(((?:[^(),]|\([^()]*\))+),(?:[^(),]|\([^()]*\))+\)/g;
  return {
    name: 'light-in-older-browsers',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const styles = bundle[fileName];
      if (styles?.type !== 'asset') return this.error(`There is no ${fileName}.`);
      const css = String(styles.source);
      const [root = ''] = /^:root \{[^}]*\}/m.exec(css) ?? [];
      const newer = `@supports (color: light-dark(red, red)) {\n${root}\n}`;
      styles.source = css.replace(root, () =>
        [root.replaceAll(lightDark, '$1'), newer, LIGHT_UNLESS_SAID].join('\n'),
      );
    },
  };
}
