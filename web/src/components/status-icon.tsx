import type { Stage } from '../hooks/index.ts';
import { AlertIcon, CheckIcon, ClockIcon, SparkIcon, StoreIcon, UploadIcon } from './icons.tsx';

const ICONS = {
  sending: UploadIcon,
  waiting: ClockIcon,
  storing: StoreIcon,
  analyzing: SparkIcon,
  completed: CheckIcon,
  failed: AlertIcon,
} as const satisfies Record<Stage, unknown>;

/** The sign of a stage; the words beside it say the same. */
export function StatusIcon({ stage }: { stage: Stage }) {
  const Icon = ICONS[stage];
  return (
    <span className="ma-status-icon" data-stage={stage}>
      <Icon />
    </span>
  );
}
