/** The queues of the tasks, and what one owner may send in a day. */
import { z } from 'zod';
import { mebibytes, positiveInt, settingDocs } from '../../process/settings.ts';

export const queueShape = {
  TASKS_LOCATION: z
    .string()
    .min(1)
    .register(settingDocs, { doc: 'region of the queues, such as `europe-west1`' }),
  UPLOAD_QUEUE: z
    .string()
    .min(1)
    .default('media-upload')
    .register(settingDocs, { doc: 'queue of arrived files' }),
  ANALYZE_QUEUE: z
    .string()
    .min(1)
    .default('media-analyze')
    .register(settingDocs, { doc: 'queue of analyses' }),
  // They take so long that no other media may stand behind them.
  FLEX_QUEUE: z.string().min(1).default('media-flex').register(settingDocs, {
    doc: 'the same in the [tier `flex`](models.md#half-the-price-the-tier-flex)',
  }),
  DELIVERY_TIMEOUT_S: positiveInt.max(1_800).default(300).register(settingDocs, {
    doc: 'seconds until Cloud Tasks repeats a delivery',
  }),
  // A call to a model may take a quarter of an hour. The unit's own timeout is as long.
  // Cloud Tasks allows half an hour: https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks#Task
  FLEX_TIMEOUT_S: positiveInt.min(1_020).max(1_800).default(1_080).register(settingDocs, {
    doc: 'the same in the tier `flex`',
  }),
  // It is also the audience of the tokens of Cloud Tasks.
  WORKER_URL: z.url().register(settingDocs, { doc: 'where tasks go' }),
  TASKS_SERVICE_ACCOUNT: z.email().register(settingDocs, {
    doc: 'account of Cloud Tasks and Cloud Scheduler',
  }),
  MAX_QUEUED_PER_OWNER: positiveInt.default(10).register(settingDocs, {
    doc: 'media of an owner in the queues; others wait, the newest batch first',
  }),
  CLOUD_TASKS_EMULATOR_HOST: z.string().min(1).optional(),
};

/** The api and the worker both bring files in. */
export const intakeShape = {
  // The limit of Gemini, and half an hour of video from a phone.
  MAX_UPLOAD_BYTES: positiveInt.default(mebibytes(2 * 1024)).register(settingDocs, {
    doc: 'bytes of a file outside a form',
  }),
  MAX_BYTES_PER_DAY: positiveInt.default(mebibytes(10 * 1024)).register(settingDocs, {
    doc: 'bytes of an owner in a day (UTC)',
  }),
  MAX_FILES_PER_DAY: positiveInt
    .default(10_000)
    .register(settingDocs, { doc: 'files of an owner in a day' }),
};
