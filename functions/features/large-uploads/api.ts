import { largeUploadRoutes } from '@media-analysis/shared/large-uploads';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { AnnouncementLimit } from './announcement-limit.ts';
import { largeUploadHandlers } from './routes.ts';

interface Settings {
  ANALYSIS_MODEL: string;
  ALLOWED_ORIGINS: readonly string[];
  MAX_ANNOUNCED: number;
  MAX_FILES: number;
  MAX_UPLOAD_BYTES: number;
}

/** Files that are too large for a request. */
export const largeUploads: ApiFeature<Settings> = (kit) => {
  const { config, firestore } = kit;
  return {
    handlers: bound(largeUploadRoutes, largeUploadHandlers, {
      ...kit,
      announcements: new AnnouncementLimit(firestore, config.MAX_ANNOUNCED),
      model: config.ANALYSIS_MODEL,
      limits: { files: config.MAX_FILES },
      maxUploadBytes: config.MAX_UPLOAD_BYTES,
      allowedOrigins: config.ALLOWED_ORIGINS,
    }),
  };
};
