/** The further analyses of a media in the full view: their answers, and buttons that ask for more. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { isTerminal } from '@media-analysis/shared/status';
import { useId, useRef, useState } from 'react';
import type { AnalysisInfo, AnalysisResult, Media } from '../../client/index.ts';
import { stageOf, useAnalyses } from '../../hooks/index.ts';
import { ErrorNotice } from '../base/error-notice.tsx';
import { RetryIcon } from '../base/icons.tsx';
import { keepFocus } from '../base/keep-focus.ts';
import { StatusIcon } from '../card/status-icon.tsx';
import { ProgressBar } from '../upload/progress-bar.tsx';
import { StageProgress } from '../upload/stage-progress.tsx';
import { useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { AnalysisForm, type FormInput } from './analysis-form.tsx';
import { AnalysisView } from './analysis-view.tsx';
import {
  DESCRIBE,
  descriptionOf,
  isInOtherLanguage,
  offeredOf,
  titleOf,
} from './analysis-words.ts';
import { labelOf, type Schema } from './field-words.ts';
import type { Asking } from './use-ask.ts';

interface MediaAnalysesProps {
  media: Media;
  asking: Asking;
}

export function MediaAnalyses({ media, asking }: MediaAnalysesProps) {
  const words = useWords();
  const { analyses } = useAnalyses();
  const [openForm, setOpenForm] = useState<string>();
  const region = useRef<HTMLElement>(null);
  const { isBusy, error, start } = asking;
  const results = Object.entries(media.analyses ?? {});
  return (
    <section className="ma-analyses" aria-label={words.analyses.title} ref={region} tabIndex={-1}>
      {/* A screen reader reads out what is new. */}
      <div className="ma-results" aria-live="polite">
        {results.map(([name, result]) => (
          <Result
            key={name}
            name={name}
            result={result}
            info={analyses.find((each) => each.name === name)}
            onRetry={() => {
              start(name, result.input as FormInput);
              keepFocus(region.current);
            }}
          />
        ))}
      </div>
      {!isTerminal(media.status) && (
        <>
          <StageProgress
            upload={undefined}
            media={media}
            stage={stageOf(undefined, media)}
            hasPlace={false}
          />
          <ProgressBar
            value={media.progress}
            label={words.progressOf(media.file_name)}
            text={words.stages[stageOf(undefined, media)]}
          />
        </>
      )}
      {error !== undefined && <ErrorNotice error={error} />}
      <Buttons
        media={media}
        // In the language of the page it is one of the icons above.
        offered={offeredOf(analyses).filter(
          ({ name }) => name !== DESCRIBE || isInOtherLanguage(media, words.language),
        )}
        isBusy={isBusy}
        openForm={openForm}
        onOpenForm={setOpenForm}
        onAsk={start}
      />
    </section>
  );
}

interface ResultProps {
  name: string;
  result: AnalysisResult;
  info: AnalysisInfo | undefined;
  onRetry: () => void;
}

function Result({ name, result, info, onRetry }: ResultProps) {
  const words = useWords();
  const { status, input, output, error_code: code, error_message: message } = result;
  const given = Object.entries(input);
  // Until there is a new answer, the last one stays. It may be the answer to another question.
  const isAnswer = status === 'completed' || given.length === 0;
  return (
    <section data-analysis={name}>
      <h3>{info ? titleOf(info, words.language) : name}</h3>
      {given.length > 0 && (
        <dl className="ma-facts">
          {given.map(([field, value]) => (
            <div key={field}>
              <dt>
                {labelOf(info, words.language, field, info?.input[field] as Schema | undefined)}
              </dt>
              <dd>{String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {status === 'failed' && (
        <>
          <p className="ma-stage" data-stage="failed">
            <StatusIcon stage="failed" />
            {words.stages.failed}
          </p>
          <p className="ma-card-error">{words.error(code, message)}</p>
          {code && isRetryableCode(code) && (
            <button type="button" className="ma-button" onClick={onRetry}>
              <RetryIcon />
              {words.retry}
            </button>
          )}
        </>
      )}
      {output && isAnswer && <AnalysisView info={info} output={output} />}
    </section>
  );
}

interface ButtonsProps {
  media: Media;
  offered: readonly AnalysisInfo[];
  isBusy: boolean;
  /** The analysis whose form is open. */
  openForm: string | undefined;
  onOpenForm: (name: string | undefined) => void;
  onAsk: (name: string, input?: FormInput) => void;
}

function Buttons({ media, offered, isBusy, openForm, onOpenForm, onAsk }: ButtonsProps) {
  const words = useWords();
  const { describeInLanguage, askAbout } = useViewWords();
  const formId = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const form = offered.find(({ name }) => name === openForm);
  const close = () => {
    onOpenForm(undefined);
    // The form disappears, and the focus must not be lost.
    opener.current?.focus();
  };
  if (offered.length === 0) return null;
  return (
    <>
      <h3>{askAbout(media.content_type.startsWith('video/'))}</h3>
      <div className="ma-asks">
        {offered.map((info) => {
          const { name, required } = info;
          const needsInput = required.length > 0;
          const isOpen = name === openForm;
          const { text, label } = namesOf(info);
          return (
            <button
              key={name}
              ref={isOpen ? opener : undefined}
              type="button"
              className="ma-button"
              title={descriptionOf(info, words.language)}
              aria-label={label}
              // A button that is switched off would lose the focus.
              aria-disabled={isBusy}
              aria-expanded={needsInput ? isOpen : undefined}
              aria-controls={isOpen ? formId : undefined}
              onClick={() => {
                if (!needsInput) onAsk(name);
                else onOpenForm(isOpen ? undefined : name);
              }}
            >
              {text}
            </button>
          );
        })}
      </div>
      {form && (
        <AnalysisForm
          id={formId}
          key={form.name}
          info={form}
          isBusy={isBusy}
          onCancel={close}
          onSend={(input) => {
            close();
            onAsk(form.name, input);
          }}
        />
      )}
    </>
  );

  /** What stands on the button, and what a screen reader says if that is more. */
  function namesOf(info: AnalysisInfo): { text: string; label?: string } {
    const { describe, describeAgain, again, withInput } = words.analyses;
    if (info.name === DESCRIBE)
      return { text: media.analytics ? (describeInLanguage ?? describeAgain) : describe };
    const title = titleOf(info, words.language);
    if (info.required.length > 0) return { text: withInput(title) };
    return { text: title, ...(media.analyses?.[info.name]?.output && { label: again(title) }) };
  }
}
