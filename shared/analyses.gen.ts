// Written by `npm run analyses` from analyses/*.prompt. Change those files, not this one.
// f633bb48fb3ac50a

/** What each analysis answers, by its name. */
export interface AnalysisOutputs {
  /** One sentence for people who cannot see the picture, as web pages need it. */
  "alt-text": {
    /** Alt text */
    alt: string;
    /** Only decoration */
    is_decorative: boolean;
  };
  /** Answers a question about the picture or video. */
  "ask": {
    /** What it rests on */
    reason: string | null;
    /** Answer */
    answer: string | null;
  };
  /** Reads a receipt or an invoice - the shop, the date, each item and the total. */
  "receipt": {
    /** Shop */
    merchant: string | null;
    /** Date */
    date: string | null;
    /** Currency */
    currency: string | null;
    /** Items */
    items: ({
      /** Item */
      name: string;
      /** Quantity */
      quantity: number | null;
      /** Amount */
      amount_cents: number | null;
    })[];
    /** Total */
    total_cents: number | null;
  };
}

/** What each analysis needs to know from who asks for it, by its name. */
export interface AnalysisInputs {
  /** One sentence for people who cannot see the picture, as web pages need it. */
  "alt-text": Record<string, never>;
  /** Answers a question about the picture or video. */
  "ask": {
    /** Your question */
    question: string;
  };
  /** Title, summary, tags, objects, text and more, for a media library. */
  "describe": Record<string, never>;
  /** Reads a receipt or an invoice - the shop, the date, each item and the total. */
  "receipt": Record<string, never>;
}
