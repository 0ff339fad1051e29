/** The port of a server, and the page that it serves. */
import { strictPageConfigSchema } from '@media-analysis/shared/page-config';
import { z } from 'zod';
import { jsonText } from '../process/json-text.ts';
import { settingDocs } from '../process/settings.ts';

export const serverShape = {
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
};

export const pageShape = {
  PAGE_DIR: z.string().min(1).optional().register(settingDocs, {
    doc: 'folder of the page to serve; the image sets it',
  }),
  PAGE_CONFIG: jsonText.pipe(strictPageConfigSchema).default({}).register(settingDocs, {
    doc: '[`/config.json`](../shared/page-config.ts)',
  }),
  /** Signed URLs lead there, and the page may load from nowhere else. */
  STORAGE_EMULATOR_HOST: z.url().default('https://storage.googleapis.com'),
};
