/** The oldest browsers that the page and the library work in. Chrome 109 is the last one for Windows 7, Firefox 115 too. */
export const OLDEST_BROWSERS = { chrome: 109, firefox: 115, safari: 16.4 };

/** The same for the build, which rewrites newer syntax: https://vite.dev/config/build-options#build-target */
export const BUILD_TARGET = Object.entries(OLDEST_BROWSERS).map(
  ([name, version]) => name + version,
);
