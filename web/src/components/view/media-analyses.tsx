/** The further analyses of a media in the full view: their answers, and buttons that ask for more. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { isTerminal } from '@media-analysis/shared/status';
import { useRef, useState } from 'react';
import type { AnalysisInfo, AnalysisResult, Media } from '../../client/index.ts';
import { stageOf, useAnalyses, useMediaActions } from '../../hooks/index.ts';
import { Button } from '../base/button.tsx';
import { ErrorNotice } from '../base/error-notice.tsx';
import { RetryIcon } from '../base/icons.tsx';
import { keepFocus } from '../base/keep-focus.ts';
import { StatusIcon } from '../card/status-icon.tsx';
import { ProgressBar } from '../upload/progress-bar.tsx';
import { StageProgress } from '../upload/stage-progress.tsx';
import { baseOf, useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { AnalysisForm, type FormInput } from './analysis-form.tsx';
import { AnalysisView, GivenInput } from './analysis-view.tsx';
import {
  DESCRIBE,
  descriptionOf,
  isInOtherLanguage,
  offeredOf,
  titleOf,
} from './analysis-words.ts';

interface Asking {
  /** Nothing else can be asked for now. */
  isBusy: boolean;
  error: unknown;
  start: (name: string, input?: FormInput) => void;
}

/** Asks for an analysis of the open media. Another media may be open when the answer comes. */
export function useAsk({ id, status }: Media): Asking {
  const { language } = useWords();
  const { ask } = useMediaActions();
  const [askedId, setAskedId] = useState<string>();
  const [failed, setFailed] = useState<{ id: string; error: unknown }>();
  const isBusy = askedId === id || !isTerminal(status);
  const start = (name: string, input?: FormInput) => {
    if (isBusy) return;
    setFailed(undefined);
    setAskedId(id);
    ask(id, name, input, baseOf(language))
      .catch((error: unknown) => setFailed({ id, error }))
      .finally(() => setAskedId((now) => (now === id ? undefined : now)));
  };
  return { isBusy, error: failed?.id === id ? failed.error : undefined, start };
}

interface MediaAnalysesProps {
  media: Media;
  asking: Asking;
}

export function MediaAnalyses({ media, asking }: MediaAnalysesProps) {
  const words = useWords();
  const { analyses } = useAnalyses();
  const region = useRef<HTMLElement>(null);
  const stage = stageOf(undefined, media);
  const isVideo = media.content_type.startsWith('video/');
  return (
    <section className="ma-analyses" aria-label={words.analyses.title} ref={region} tabIndex={-1}>
      {/* A screen reader reads out new results. */}
      <div className="ma-results" aria-live="polite">
        {Object.entries(media.analyses ?? {}).map(([name, result]) => (
          <Result
            key={name}
            name={name}
            result={result}
            isVideo={isVideo}
            info={analyses.find((each) => each.name === name)}
            onRetry={() => {
              asking.start(name, result.input as FormInput);
              keepFocus(region.current);
            }}
          />
        ))}
      </div>
      {!isTerminal(media.status) && (
        <>
          <StageProgress upload={undefined} media={media} stage={stage} />
          <ProgressBar
            value={media.progress}
            label={words.progressOf(media.file_name)}
            text={words.stages[stage]}
          />
        </>
      )}
      {asking.error !== undefined && <ErrorNotice error={asking.error} />}
      <Buttons media={media} asking={asking} />
    </section>
  );
}

interface ResultProps {
  name: string;
  result: AnalysisResult;
  isVideo: boolean;
  info: AnalysisInfo | undefined;
  onRetry: () => void;
}

function Result({ name, result, isVideo, info, onRetry }: ResultProps) {
  const words = useWords();
  const { status, input, output, error_code: code, error_message: message } = result;
  // The last answer stays until a new one comes. With an input, it may answer another question.
  const isAnswer = status === 'completed' || Object.keys(input).length === 0;
  return (
    <section data-analysis={name}>
      <h3>{info ? titleOf(info, words.language) : name}</h3>
      <GivenInput info={info} input={input} />
      {status === 'failed' && (
        <>
          <p className="ma-stage" data-stage="failed">
            <StatusIcon stage="failed" />
            {words.stages.failed}
          </p>
          <p className="ma-card-error">{words.error(code, message)}</p>
          {code && isRetryableCode(code) && (
            <Button onClick={onRetry}>
              <RetryIcon />
              {words.retry}
            </Button>
          )}
        </>
      )}
      {output && isAnswer && <AnalysisView {...{ info, output, isVideo }} />}
    </section>
  );
}

function Buttons({ media, asking: { isBusy, start } }: MediaAnalysesProps) {
  const { language, analyses: words } = useWords();
  const { describeInLanguage = words.describeAgain, askAbout } = useViewWords();
  const { analyses } = useAnalyses();
  const [openForm, setOpenForm] = useState<string>();
  const opener = useRef<HTMLButtonElement>(null);
  // In the language of the page, one of the icons above makes the description.
  const offered = offeredOf(analyses).filter(
    ({ name }) => name !== DESCRIBE || isInOtherLanguage(media, language),
  );
  const form = offered.find(({ name }) => name === openForm);
  const close = () => {
    setOpenForm(undefined);
    // The form disappears, so its button gets the focus back.
    opener.current?.focus();
  };
  if (offered.length === 0) return null;
  return (
    <>
      <h3>{askAbout(media.content_type.startsWith('video/'))}</h3>
      <div className="ma-asks">
        {offered.map((info) => {
          const { name } = info;
          const needsInput = info.required.length > 0;
          const isOpen = name === openForm;
          const title = titleOf(info, language);
          const describe = media.analytics ? describeInLanguage : words.describe;
          const isAgain = name !== DESCRIBE && !needsInput && media.analyses?.[name]?.output;
          return (
            <button
              key={name}
              ref={isOpen ? opener : undefined}
              type="button"
              className="ma-button"
              title={descriptionOf(info, language)}
              aria-label={isAgain ? words.again(title) : undefined}
              // A disabled button would lose the focus.
              aria-disabled={isBusy}
              aria-expanded={needsInput ? isOpen : undefined}
              onClick={() => (needsInput ? setOpenForm(isOpen ? undefined : name) : start(name))}
            >
              {name === DESCRIBE ? describe : needsInput ? words.withInput(title) : title}
            </button>
          );
        })}
      </div>
      {form && (
        <AnalysisForm
          key={form.name}
          info={form}
          isBusy={isBusy}
          onCancel={close}
          onSend={(input) => {
            close();
            start(form.name, input);
          }}
        />
      )}
    </>
  );
}
