/** Unpacks the browser to the folder for temporary files, and prints where it is. */
import bundled from '@sparticuz/chromium';

process.stdout.write(await bundled.executablePath());
