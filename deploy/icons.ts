/**
 * `npm run icons`: makes the icons of the installed app from the page's icon. Browsers keep them for ever under their names: a
 * new picture needs new names, here and in the manifest.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const SOURCE = here('../web/src/page/icon.svg');
const target = (name: string) => here(`../web/public/assets/app-icon${name}`);

const svg = await readFile(SOURCE, 'utf8');
/** // Systems cut their own shape out of it: the colour must reach the edges. */
const maskable = svg.replace(' rx="9"', '');

async function draw(source: string, side: number, name: string): Promise<void> {
  await sharp(Buffer.from(source), { density: (72 * side) / 32 })
    .resize(side, side)
    .png({ palette: true, effort: 10 })
    .toFile(target(name));
}

await draw(svg, 192, '-192.png');
await draw(svg, 512, '-512.png');
await draw(maskable, 512, '-maskable-512.png');
await copyFile(SOURCE, target('.svg'));
