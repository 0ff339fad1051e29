/** All texts of the components. Each language has the same shape. */

import type { ErrorCode, Media } from '../../client/index.ts';
import type { Stage, StoreConnection, TimeLeft } from '../../hooks/index.ts';
import type { ColorName, Shade } from '../view/color-name.ts';

type Analytics = NonNullable<Media['analytics']>;
type Quality = NonNullable<Analytics['quality']>;

/** Texts of the full view that are loaded with it. */
export interface ViewWords {
  /** Button: describes the media again, where its description is in another language. Absent: `analyses.describeAgain`. */
  describeInLanguage?: string;
  /** Button: copies a text. */
  copy: string;
  /** The same button, for a moment after it has copied. */
  copied: string;
  /** Button: saves the original file. */
  download: string;
  /** Button: plays a video that was not played yet. */
  play: string;
  /** Stands in place of a player that cannot play the video: what to do now. */
  unplayed: string;
  /** Stands in place of a picture or a video whose file does not come. Why, and what to do now, stands behind it. */
  unloaded: string;
  /** Stands below a player whose video does not come, because there is no connection. */
  noLine: string;
  /** Shows one media after the other, alone on the screen. */
  slideshow: {
    /** Button: begins it. */
    start: string;
    /** Button: stays at what is shown now. */
    pause: string;
    /** Button: goes on from there. */
    resume: string;
    /** Button: shows the facts again, of what is shown now. */
    end: string;
    /** Name of the choice of how long each picture is shown. */
    pace: string;
    /** One of the choices. */
    seconds: (count: number) => string;
  };
  /** Buttons at a picture: larger, smaller. */
  zoom: {
    /** Button: shows the picture larger. */
    in: string;
    /** Button: shows the picture smaller. */
    out: string;
  };
  /** A link to the place of a photo on a map. */
  map: {
    /** Button: lets links to a map be shown from now on. */
    allow: string;
    /** What that means. */
    note: string;
    /** Link: opens the map. */
    open: string;
    /** Button: shows no links to a map any more. */
    forbid: string;
  };
  /** Button of the full view, pressed while they are shown: puts the facts away, and brings them back. */
  details: string;
  /** Opens what was measured, in the full view. */
  moreDetails: string;
  /** Heading of what can be asked of a photo or a video. */
  askAbout: (isVideo: boolean) => string;
  /** Check box in the full view: draws a box around each object. */
  boxes: string;
  /** Link to the original file. */
  original: string;
  /** Names and values in the list of facts. */
  facts: {
    /** Heading: the text in the picture. */
    text: string;
    /** Heading: the parts of a video. */
    segments: string;
    /** Heading: the objects in the picture. */
    objects: string;
    /** Heading: the most common colours. */
    colors: string;
    /** Name of the number of people. */
    people: string;
    /** Value: no people. */
    noPeople: string;
    /** Name of the kind of place. */
    scene: string;
    /** Name of the mood. */
    mood: string;
    /** Name of the quality of the photo. */
    quality: string;
    /** Name of the judgement whether the picture can offend. */
    safety: string;
    /** Name of the time at which the picture was taken. */
    taken: string;
    /** Name of the camera. */
    camera: string;
    /** Name of the place where the picture was taken. */
    place: string;
    /** Name of the size in pixels and bytes. */
    size: string;
    /** Name of the file. */
    file: string;
    /** Name of the length of a video. */
    duration: string;
    /** Name of the cost of the analysis. */
    cost: string;
    /** Name of the model. */
    model: string;
    /** Cost: nothing. */
    free: string;
    /** Cost: the price of the model is not known. */
    unknownCost: string;
    /** Cost: the answer was copied from a media of the same content. */
    cached: string;
    /** Cost: the number of tokens read and written. */
    tokens: (count: number) => string;
  };
  /** What a person should know about how the analysis was made. */
  notes: Record<NonNullable<Analytics['notes']>[number], string>;
  /** What a colour is called. */
  colorName: (name: ColorName, shade: Shade | undefined) => string;
  /** How well the photo was taken. */
  quality: Record<Quality['verdict'], string>;
  /** Whether the photo is too dark or too bright. */
  exposure: Record<Quality['exposure'], string>;
  /** Why a photo that is neither is not good. */
  unclear: Record<'soft' | 'blurry' | 'flat', string>;
  /** A text with a detail in brackets. */
  withDetail: (text: string, detail: string) => string;
  /** Whether the picture can offend. */
  safety: Record<Analytics['safety']['verdict'], string>;
}

/**
 * All texts of the components in one language. Spread `en` or `ja` to change a few of them.
 * @example
 * ```ts
 * import { en, type Words } from '@media-analysis/react';
 *
 * const words: Words = { ...en, stages: { ...en.stages, completed: 'Described' } };
 * show(words.stages.completed);
 * ```
 */
export interface Words {
  /** BCP 47: also formats dates and numbers. */
  language: string;
  /** The name of the app, as its page shows it. */
  appName: string;
  /** Texts of the upload area. */
  upload: {
    /** The upload area: its heading. */
    title: string;
    /** The upload area: what becomes of each file. */
    promise: string;
    /** The button of a small upload area. */
    add: string;
    /** The upload area: the button that opens the file picker. */
    choose: string;
    /** The upload area: the button that opens the camera of a phone or tablet. */
    takePhoto: string;
    /** The upload area: the button that opens the picker of folders. */
    chooseFolder: string;
    /** The upload area: the accepted kinds and sizes. */
    accepted: string;
    /** The upload area: its heading while the user drags files over the page. */
    drop: string;
  };
  /** What is happening to an item. */
  stages: Record<Stage, string>;
  /** Of a file that cannot be sent now, as nothing comes through to the service. */
  outage: {
    /** In place of "Uploading". */
    label: string;
    /** In place of it, where the service answers that it is down. */
    unavailable: string;
    /** What becomes of it. */
    note: string;
    /** The same where the browser itself is offline; it stands in the bar of the batch, too. */
    offline: string;
  };
  /** How news arrives; nothing, where it does not matter to a person. */
  connection: Record<Exclude<StoreConnection, 'idle'>, string>;
  /** The counts of a batch. */
  summary: (counts: {
    /** How many items are completed. */
    ready: number;
    /** How many items failed. */
    failed: number;
    /** How many items the batch has. */
    total: number;
    /** How many files the user has stopped. They are not among the items. */
    stopped?: number;
  }) => string;
  /** The heading of a batch that is complete, and of which nothing failed or was stopped. */
  allDone: string;
  /** Button: stops sending for a while. */
  pause: string;
  /** Button: sends on after a pause. */
  resume: string;
  /** Button: stops all that has no result yet. */
  cancel: string;
  /** Button: starts a failed media again. */
  retry: string;
  /** Button: tries all items again that failed or were stopped. */
  retryAll: (count: number) => string;
  /** How long it will still take, in seconds. */
  timeLeft: (time: TimeLeft) => string;
  /** How much of a large file has been sent, in MB. */
  sent: (sent: string, size: string) => string;
  /** What stands before and after the number. */
  placeInLine: readonly [string, string];
  /** Button: sends a rejected file again. */
  sendAgain: string;
  /** Of a file that has to be chosen again, because the browser could not keep it. */
  chooseAgain: (name: string) => string;
  /** Of a media whose bytes have not all arrived, and which this page does not send. */
  notAllHere: (name: string) => string;
  /** Button: deletes a media. */
  remove: string;
  /** The question before that, where nothing brings it back. `name`: of the item, or how many there are. */
  reallyRemove: (name: string) => string;
  /** Button: takes a file that is being sent, or was not accepted, off the list. */
  takeOff: string;
  /** Where what is deleted lies until it is erased. */
  bin: string;
  /** For screen readers: what one of these buttons does, and to which file. */
  actOn: (label: string, name: string) => string;
  /** For screen readers: opens the full view. `name` is the title and the file name. */
  open: (name: string) => string;
  /** For screen readers: the check box that selects a card. */
  select: (name: string) => string;
  /** Further texts of the full view. Absent: those of the language, or the English ones. */
  view?: ViewWords;
  /** Button: closes the full view. */
  close: string;
  /** Button: shows the media before this one. */
  previous: string;
  /** Button: shows the media after this one. */
  next: string;
  /** Button: loads the next page of the list. */
  loadMore: string;
  /** The same button while the page is being loaded. */
  loading: string;
  /** Button: tries to load or watch again after an error. */
  tryAgain: string;
  /** Heading of the list. */
  gallery: string;
  /**
   * Why an item has to wait, as a sentence. `code` is its `wait_code`; null if the server gave no reason. `limit` is its
   * `wait_limit`, if it waits because a limit is reached.
   */
  waitsFor: (code: Media['wait_code'], limit?: Media['wait_limit']) => string;
  /** When the next try starts; `time` is like `0:42`. */
  continuesIn: (time: string) => string;
  /** The next try starts at any moment. */
  continuesSoon: string;
  /** For screen readers: the progress bar of a file. */
  progressOf: (name: string) => string;
  /** For screen readers: the progress bar of a batch. */
  overall: string;
  /** Stands in place of a picture that cannot be shown. */
  noPreview: string;
  /** Stands in place of a card or the full view of an item that cannot be drawn: what to do now. */
  unshown: string;
  /** Stands in place of a picture that is held back: why, in a sentence. */
  held: Record<NonNullable<Media['held']>, string> & {
    /** It is stored, and nobody is about to check it: what can change that. */
    notChecked: string;
  };
  /** Analyses that a media can be asked for. Their titles and labels come from the service. */
  analyses: {
    /** Name of the list of results and buttons. */
    title: string;
    /** Name of the choice of what is made of new files. It also says why the only one that is chosen cannot be taken back. */
    choose: string;
    /** Button: describes a media that has no description. */
    describe: string;
    /** The same button for a media that has one. */
    describeAgain: string;
    /** For screen readers: makes an analysis again that is there already. */
    again: (title: string) => string;
    /** Button: opens the form of an analysis that needs an input. */
    withInput: (title: string) => string;
    /** Button: sends that form. */
    send: string;
    /** Button: closes that form. */
    cancel: string;
    /** Value: true. */
    yes: string;
    /** Value: false. */
    no: string;
    /** Value: the model did not find it. */
    none: string;
    /** Stands below amounts of money whose currency is not known. */
    noCurrency: string;
  };
  /** Name of the list of keywords. */
  tags: string;
  /** What a tag, or the label of an object, is called. One without a name in this language stays as it is. */
  label: (label: string) => string;
  /**
   * What went wrong and what to do now.
   * @param message The English text of the server or of the client, for languages without a text for `code`.
   * @param name Of the file that it is about. `message` has it already.
   */
  error: (code: ErrorCode | null, message: string | null, name?: string) => string;
}
