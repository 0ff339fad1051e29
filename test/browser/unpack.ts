/** Unpacks the browser to the folder for temporary files. */
import bundled from '@sparticuz/chromium';

await bundled.executablePath();
