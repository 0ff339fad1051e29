import type { Stage } from '../../hooks/index.ts';
import {
  AlertIcon,
  CheckIcon,
  ClockIcon,
  CloseIcon,
  PauseIcon,
  SparkIcon,
  StoreIcon,
  UploadIcon,
} from '../base/icons.tsx';

const ICONS = {
  sending: UploadIcon,
  paused: PauseIcon,
  stopped: CloseIcon,
  missing: AlertIcon,
  waiting: ClockIcon,
  storing: StoreIcon,
  analyzing: SparkIcon,
  completed: CheckIcon,
  failed: AlertIcon,
} as const satisfies Record<Stage, unknown>;

interface StatusIconProps {
  /** From `stageOf`. */
  stage: Stage;
}

/**
 * The icon of a stage. Screen readers skip it, so put the stage in words beside it.
 * @example
 * ```tsx
 * import { stageOf, StatusIcon, useWords } from '@media-analysis/react';
 *
 * export function Status() {
 *   const words = useWords();
 *   const stage = stageOf(undefined, media);
 *   return (
 *     <p>
 *       <StatusIcon stage={stage} /> {words.stages[stage]}
 *     </p>
 *   );
 * }
 * ```
 */
export function StatusIcon({ stage }: StatusIconProps) {
  const Icon = ICONS[stage];
  return (
    <span className="ma-status-icon" data-stage={stage}>
      <Icon />
    </span>
  );
}
