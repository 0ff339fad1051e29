/** Reads camera and time from a file's metadata, and the place only on request. */
import type { Analytics } from '@media-analysis/shared/analytics';

type Capture = Analytics['capture'];

const TAGS = ['Make', 'Model', 'DateTimeOriginal'];
const PLACE_TAGS = ['GPSLatitude', 'GPSLatitudeRef', 'GPSLongitude', 'GPSLongitudeRef'];
const EXIF_PREFIX = Buffer.from('Exif\0\0', 'latin1');

/** @param exif The EXIF block of a photo. Damaged metadata is ignored. */
export async function captureFromExif(
  exif: Buffer | undefined,
  withLocation: boolean,
): Promise<Capture> {
  const tags = exif ? await readExif(exif, withLocation) : {};
  return {
    taken_at: clockTime(tags.DateTimeOriginal),
    camera: cameraName(tags.Make, tags.Model),
    ...placeOf(tags.latitude, tags.longitude),
  };
}

async function readExif(exif: Buffer, gps: boolean): Promise<Record<string, unknown>> {
  const { default: exifr } = await import('exifr');
  const tiff = exif.subarray(0, 6).equals(EXIF_PREFIX) ? exif.subarray(6) : exif;
  try {
    // Dates stay text: exifr would read the camera's local time in this machine's time zone. Only these tags are read,
    // because a directory may list thousands of others that all name the same bytes.
    const tags = await exifr.parse(tiff, {
      pick: gps ? [...TAGS, ...PLACE_TAGS] : TAGS,
      gps,
      reviveValues: false,
      translateValues: false,
    });
    return tags ?? {};
  } catch {
    return {};
  }
}

/** `2019:04:14 16:02:11` or `2019-04-14T16:02:11+0900` → `2019-04-14T16:02:11`; null for other values. */
export function clockTime(text: unknown): string | null {
  const match = /^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d:\d\d:\d\d)/.exec(String(text ?? ''));
  if (!match) return null;
  const local = `${match[1]}-${match[2]}-${match[3]}T${match[4]}`;
  // A camera whose clock was never set writes 0000:00:00, which is not a date.
  const date = new Date(`${local}Z`);
  return Number.isNaN(date.getTime()) || !date.toISOString().startsWith(local) ? null : local;
}

/** `NIKON CORPORATION`, `NIKON D2H` → `NIKON D2H`; `Apple`, `iPhone 6` → `Apple iPhone 6`. */
export function cameraName(make: unknown, model: unknown): string | null {
  const maker = tidy(make).replace(
    /[ ,]+(corporation|corp\.?|co\.?,? ?ltd\.?|electronics|inc\.?)$/i,
    '',
  );
  const name = tidy(model);
  const brand = maker.split(' ')[0]?.toLowerCase() ?? '';
  const camera = brand && name.toLowerCase().startsWith(brand) ? name : `${maker} ${name}`.trim();
  return camera.slice(0, 100) || null;
}

function tidy(text: unknown): string {
  return typeof text === 'string' ? text.replace(/[\p{C}\s]+/gu, ' ').trim() : '';
}

/** Six decimals are 10 cm. A GPS receiver that does not know its position writes 0, 0. */
export function placeOf(latitude: unknown, longitude: unknown): Pick<Capture, 'place'> {
  if (!inRange(latitude, 90) || !inRange(longitude, 180)) return {};
  if (latitude === 0 && longitude === 0) return {};
  const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
  return { place: { latitude: round(latitude), longitude: round(longitude) } };
}

function inRange(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= limit;
}
