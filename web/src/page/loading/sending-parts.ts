/** What sends files: one file of the page. It is loaded before it is needed, because the line may break until then. */
import '../../client/analyze.ts';
import '../../client/changed-files.ts';
import '../../client/cut-frames.ts';
import '../../client/send-frames.ts';
import '../../client/watch.ts';
import '../../components/base/shrink.ts';
import '../sending/notices.tsx';
