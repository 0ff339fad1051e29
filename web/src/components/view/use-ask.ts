/** Asks for an analysis of the media that is open. */
import { isTerminal } from '@media-analysis/shared/status';
import { useState } from 'react';
import type { Media } from '../../client/index.ts';
import { useMediaActions } from '../../hooks/index.ts';
import { baseOf, useWords } from '../words/index.ts';
import type { FormInput } from './analysis-form.tsx';

export interface Asking {
  /** Nothing else can be asked now. */
  isBusy: boolean;
  error: unknown;
  start: (name: string, input?: FormInput) => void;
}

export function useAsk({ id, status }: Media): Asking {
  const { language } = useWords();
  const { ask } = useMediaActions();
  /** By the media that was asked about: another one may be open when the answer comes. */
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
