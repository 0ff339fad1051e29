import '../again/again.css';
import '../selecting/many.css';

export { AgainControl } from '../again/again.tsx';
export { ForeignNotice } from '../again/foreign-notice.tsx';
export { BinView } from '../bin/bin.tsx';
export { binRest } from '../bin/move-to-bin.ts';
export { Undo } from '../bin/undo.tsx';
export { Above } from '../library/above.tsx';
export { GoToMonth } from '../library/go-to-month.tsx';
export { Live } from '../library/live.tsx';
export { Printed } from '../library/printed.tsx';
export { Export } from '../selecting/export.tsx';
export { ManyBar } from '../selecting/many-bar.tsx';
export { reasonOf } from '../sending/day-limit-text.ts';
export { SameFilesNotice } from '../sending/same-files-notice.tsx';
export { Failures } from '../shell/failures.tsx';
export { Shortcuts } from '../shell/shortcuts.tsx';
export { FullView } from '../viewing/full-view.tsx';
