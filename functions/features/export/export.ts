/** Streams the data of media as CSV or JSON. Only one page is in memory at a time. */
import { type ExportFormat, exportManySchema, exportRoutes } from '@media-analysis/shared/export';
import type { Media } from '@media-analysis/shared/media';
import { mediaFiltersSchema } from '@media-analysis/shared/search';
import type { Moments } from '../../core/media/moments.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { toMediaList } from '../../core/media/view.ts';
import { parse, readJson } from '../../http/body.ts';
import type { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { isMediaId } from '../../http/ids.ts';
import { sendFile } from '../../http/respond.ts';
import type { Call } from '../../http/router.ts';
import type { MediaSearch } from '../search/search.ts';
import { BYTE_ORDER_MARK, csvRow } from './csv.ts';

export interface ExportServices {
  media: MediaStore;
  search: MediaSearch;
  moments: Moments;
  /** Limits exports and downloads together. */
  downloads: ConcurrencyLimit;
  now: () => number;
}

const PAGE = 100;

const formatSchema = exportRoutes.exportMedia.query.shape.format;

export async function exportMedia(
  call: ContractCall,
  ownerId: string,
  services: ExportServices,
): Promise<void> {
  const { format, ...query } = call.query;
  const filters = parse(mediaFiltersSchema, query);
  const pages = services.search.pages(ownerId, filters, PAGE);
  await send(call, ownerId, parse(formatSchema, format, 'format'), pages, services);
}

export async function exportMany(
  call: Call,
  ownerId: string,
  services: ExportServices,
): Promise<void> {
  const { ids, format } = await readJson(call.request, exportManySchema);
  await send(call, ownerId, format, pagesOf(ids, ownerId, services), services);
}

async function* pagesOf(ids: readonly string[], ownerId: string, { media }: ExportServices) {
  const known = [...new Set(ids)].filter(isMediaId);
  for (let start = 0; start < known.length; start += PAGE) {
    yield await media.getMany(known.slice(start, start + PAGE), ownerId);
  }
}

async function send(
  { response, signal }: Call,
  ownerId: string,
  format: ExportFormat,
  pages: AsyncGenerator<MediaRecord[]>,
  { downloads, moments, now }: ExportServices,
): Promise<void> {
  const release = downloads.acquire(ownerId);
  try {
    const { type, begin, row, between, end } = FORMATS[format];
    const name = `media-${new Date(now()).toISOString().slice(0, 10)}.${format}`;
    async function* text() {
      let before = begin;
      for await (const records of pages) {
        const rows = toMediaList(records, moments).map(row);
        if (rows.length === 0) continue;
        yield before + rows.join(between);
        before = between;
      }
      yield (before === begin ? begin : '') + end;
    }
    await sendFile(response, { type, name }, text(), signal);
  } finally {
    release();
  }
}

interface Format {
  type: string;
  begin: string;
  row: (media: Media) => string;
  between: string;
  end: string;
}

/** The columns of the CSV. */
const COLUMNS: Record<string, (media: Media) => string | number | null | undefined> = {
  id: ({ id }) => id,
  file_name: ({ file_name }) => file_name,
  content_type: ({ content_type }) => content_type,
  size: ({ size }) => size,
  status: ({ status }) => status,
  created_at: ({ created_at }) => created_at,
  title: ({ analytics, edits }) => analytics?.title ?? edits?.title,
  summary: ({ analytics, edits }) => analytics?.summary ?? edits?.summary,
  tags: ({ analytics, edits }) => (analytics?.tags ?? edits?.tags)?.join('; '),
  objects: ({ analytics }) => analytics?.objects.map(({ label }) => label).join('; '),
  people: ({ analytics }) => analytics?.people_count,
  text: ({ analytics }) => analytics?.text,
  scene: ({ analytics }) => analytics?.scene,
  mood: ({ analytics }) => analytics?.mood,
  safety: ({ analytics }) => analytics?.safety.verdict,
  taken_at: ({ analytics }) => analytics?.capture.taken_at,
  camera: ({ analytics }) => analytics?.capture.camera,
  latitude: ({ analytics }) => analytics?.capture.place?.latitude,
  longitude: ({ analytics }) => analytics?.capture.place?.longitude,
  city: ({ analytics }) => analytics?.capture.place?.city,
  region: ({ analytics }) => analytics?.capture.place?.region,
  country: ({ analytics }) => analytics?.capture.place?.country,
  width: ({ analytics }) => analytics?.width,
  height: ({ analytics }) => analytics?.height,
  duration_s: ({ analytics }) => analytics?.duration_s,
  language: ({ analytics }) => analytics?.language,
  model: ({ analytics }) => analytics?.model,
  cost_usd: ({ usage }) => usage?.cost_usd,
  error_code: ({ error_code }) => error_code,
  external_id: ({ external_id }) => external_id,
  metadata: ({ metadata }) => metadata && JSON.stringify(metadata),
};

const FORMATS: Record<ExportFormat, Format> = {
  csv: {
    type: 'text/csv; charset=utf-8',
    begin: BYTE_ORDER_MARK + csvRow(Object.keys(COLUMNS)),
    row: (media) => csvRow(Object.values(COLUMNS).map((column) => column(media))),
    between: '',
    end: '',
  },
  json: {
    type: 'application/json; charset=utf-8',
    begin: '{"media":[\n',
    row: (media) => JSON.stringify(media),
    between: ',\n',
    end: '\n]}\n',
  },
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    begin: '',
    row: (media) => `${JSON.stringify(media)}\n`,
    between: '',
    end: '',
  },
};
