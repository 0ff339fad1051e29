/** The process that opens strangers' files. `Inspector` starts it. */
import { serve } from '@media-analysis/sandbox/child';
import { z } from 'zod';
import { bareVideo, writeBareVideo } from './bare-video.ts';
import type { Content } from './content.ts';
import { inspectMedia } from './index.ts';
import { taskSchema } from './tasks.ts';

const NEVER = new AbortController().signal;

serve(async (given, { read, write }) => {
  const task = taskSchema.parse(given);
  const content: Content = z.instanceof(Uint8Array).safeParse(task.content).success
    ? Buffer.from(task.content as Uint8Array)
    : { size: (task.content as { size: number }).size, read };
  switch (task.kind) {
    case 'inspect':
      return inspectMedia(content, task.fileName, task.options);
    case 'bare':
      return bareVideo({ ...task, content });
    case 'write-bare':
      await writeBareVideo({ ...task, content }, write, NEVER);
      return null;
  }
});
