/** Photos that say where they were taken, as a phone writes it. */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { photo } from './stack.ts';

/** In degrees. */
export interface Where {
  latitude: number;
  longitude: number;
}

export const LOUVRE: Where = { latitude: 48.8606, longitude: 2.3376 };
export const SHIBUYA: Where = { latitude: 35.6595, longitude: 139.7005 };

/** Degrees, minutes and seconds, each as a fraction. */
const dms = (degrees: number) => {
  const hundredths = Math.round(Math.abs(degrees) * 360_000);
  const minutes = Math.floor(hundredths / 6_000);
  return `${Math.floor(minutes / 60)}/1 ${minutes % 60}/1 ${hundredths % 6_000}/100`;
};

const exifOf = ({ latitude, longitude }: Where) => ({
  GPSLatitudeRef: latitude < 0 ? 'S' : 'N',
  GPSLatitude: dms(latitude),
  GPSLongitudeRef: longitude < 0 ? 'W' : 'E',
  GPSLongitude: dms(longitude),
});

/** Each is of other bytes than the next: the result of a copy would be copied. */
let made = 0;

/** @param where Absent: it says nothing of that. */
export async function photoAt(
  name: string,
  where?: Where,
  { picture = '08-lake.jpg', model = 'iPhone 15 Pro' } = {},
): Promise<File> {
  made += 1;
  const bytes = await sharp(fileURLToPath(photo(picture)))
    .resize(600)
    .withExif({
      IFD0: { Make: 'Apple', Model: model, ImageDescription: `${name} ${made}` },
      ...(where && { IFD3: exifOf(where) }),
    })
    .jpeg()
    .toBuffer();
  return new File([new Uint8Array(bytes)], name, { type: 'image/jpeg' });
}
