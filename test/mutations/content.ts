/** What is uploaded, and what is given back. */
import type { Mutation } from './mutation.ts';

const FORMAT = 'functions/inspect/format.ts';
const PICTURE = 'functions/inspect/picture.ts';
const OBJECTS = 'functions/storage/objects.ts';
const RESPOND = 'functions/http/respond.ts';
const SCHEMA = 'functions/analysis/schema.ts';
const READ = 'return parseAnswer(modelOutputSchema, shorten(answer, fullSchema));';
const ANSWER_TEXT = 'functions/analysis/answer-text.ts';
const SERVING = 'test/security/serving.test.ts';
const LARGE = 'test/journey/large-uploads.test.ts';
const PAGE = 'functions/hosting/page.test.ts';
const PICTURES = 'test/security/pictures.test.ts';
const PROMPT = 'test/security/prompt.test.ts';

const PAGES = 'uploaded HTML, SVG or script that runs';
const BOTH = 'a file that is photo and page';
const MISREAD = 'an answer read as something else, or cached';
const OTHER_BYTES = 'more bytes in an upload session than announced';
const OTHER_SENDER = 'an upload session used by another page';
const LINKS = 'a link that lasts too long or is bent to another object';
const BOMBS = 'pixel bombs, lying headers, packed text';
const SMALL_BOMBS = 'a small file that fills memory or holds the thread';
const CROPPED = 'a tiny HEIC or AVIF cut out of hundreds of millions of pixels';
const OUTLIVES = "a file's process that outlives the worker";
const BUSY = 'a busy machine that refuses a sound file';
const UNTHOUGHT = 'a photo or video nobody thought of';
const INSPECTOR = 'functions/inspect/inspector.ts';
const SANDBOX = 'sandbox/client.ts';
const SANDBOX_CHILD = 'sandbox/child.ts';
const SANDBOX_TEST = 'sandbox/client.test.ts';
const INSPECTOR_TEST = 'functions/inspect/inspector.test.ts';
const GIGABYTES = 'an index or photo of gigabytes';
const INSPECT_TEST = 'functions/inspect/index.test.ts';
const MARKUP = "a file name or model's words that are HTML";
const ORDERS = 'orders in the picture';
const BREAK_IN = 'a picture that breaks its reader';
const QUESTION = 'a question that poses as the system or adds a picture';
const LONG_ANSWER = "an answer that fills the media's document";
const HIDDEN_SIGNS = 'control characters and signs that turn text round';
const SLOW_REPAIR = 'an answer whose JSON takes long to repair';
const NAME_ORDERS = 'orders in file name or language';

const ANY_FORMAT = [
  FORMAT,
  'if (format) return format;',
  "if (format ?? found) return format ?? { contentType: 'image/png', format: 'png' };",
] as const;

const PLACE = "a model's provider that reads the place in a video";
const COPIES = 'that copy outlives the media';
const LARGE_COPIES = 'copying a video of gigabytes for the model';
const ENDLESS = 'a picture that makes a model talk or refuse without end';
const GEMINI_CALL = 'functions/analysis/providers/google-call.ts';
const CHAT_MODEL = 'functions/analysis/providers/openai-model.ts';
const CHAT_OUTCOMES = 'test/contract/openai/outcomes.test.ts';
const SENT_ON = 'an `openai/` server that redirects the call';
const READ_ALONG = 'such a server without encryption';
const KEY_IN_LOG = 'a refusal of such a server that repeats the key';
const BARE = 'functions/inspect/bare-video.ts';
const OUTCOMES = 'test/contract/gemini/outcomes.test.ts';

const NAME_IN_PROMPT = [
  [
    'functions/analysis/messages.ts',
    'return withMedia(await render(language, wish), parts);',
    'return [...withMedia(await render(language, wish), parts), { role: "user", content: [{ text: fileName }] }];',
  ],
] as const;

const NO_SCHEMA_OF_THE_WHOLE = [
  'functions/analysis/to-analytics.ts',
  'return analyticsSchema.parse({',
  'return ((all: object) => all as Analytics)({',
] as const;

/** Ours, and that of the library. */
const NO_LIMIT_OF_PIXELS = [
  [PICTURE, 'limitInputPixels: MAX_PIXELS,', 'limitInputPixels: false,'],
  [PICTURE, 'decoded / TILES_BEYOND_EDGE) > maxPixels', 'decoded / TILES_BEYOND_EDGE) < 0'],
] as const;

const ANALYSES = 'local/analyses.ts';
const ANALYSES_TEST = 'local/analyses.test.ts';
const PROMPT_FILE = 'a foreign file of `analyses/` that is huge, dear or wrong';

const QUOTED = 'an answer printed in the picture, or a draft, taken for the answer';

export const CONTENT: readonly Mutation[] = [
  {
    threat: QUOTED,
    without: 'comparing the answers',
    edits: [[ANSWER_TEXT, 'if (others.every(', 'if (best || others.every(']],
    tests: ['functions/analysis/answer-text.test.ts', 'two answers that differ'],
  },
  {
    threat: HIDDEN_SIGNS,
    without: 'taking them out of an answer',
    edits: [[ANSWER_TEXT, 'return plainText(value);', 'return value;']],
    tests: ['functions/analysis/answer-text.test.ts', 'signs that no reader sees are taken out'],
  },
  {
    threat: HIDDEN_SIGNS,
    without: 'taking them out of a name',
    edits: [['functions/core/media/record.ts', 'plainName(said.file_name)', 'said.file_name']],
    tests: ['functions/features/imports/plan.test.ts', 'a name has no sign that hides'],
  },
  {
    threat: SLOW_REPAIR,
    without: 'a limit of what is repaired',
    edits: [[ANSWER_TEXT, 'said.length <= MAX_REPAIRED &&', 'said.length >= 0 &&']],
    tests: ['functions/analysis/answer-text.test.ts', 'a long answer is read as it is'],
  },
  {
    threat: PROMPT_FILE,
    without: 'a look for aliases',
    edits: [[ANALYSES, 'visit(document, {', 'void visit; void ({']],
    tests: [ANALYSES_TEST, 'an alias, of which'],
  },
  {
    threat: PROMPT_FILE,
    without: 'the limit of bytes',
    edits: [[ANALYSES, 'const MAX_BYTES = 65_536;', 'const MAX_BYTES = 65_536_000;']],
    tests: [ANALYSES_TEST, 'two megabytes of text'],
  },
  {
    threat: PROMPT_FILE,
    without: 'a look at the address of the picture',
    edits: [[ANALYSES, '&& !isOwnMedia(rest)', '&& isOwnMedia === undefined']],
    tests: [ANALYSES_TEST, 'a picture from elsewhere'],
  },
  {
    threat: PROMPT_FILE,
    without: 'the names of partials',
    edits: [
      [ANALYSES, 'if (!NAME.test(name)) {', "if (!NAME.test(name) && !file.startsWith('_')) {"],
    ],
    tests: [ANALYSES_TEST, 'a partial that nobody could include'],
  },
  {
    threat: PROMPT_FILE,
    without: "the provider's answer",
    edits: [
      ['local/named-models.ts', 'exists === false ?', "exists === undefined && name === '' ?"],
    ],
    tests: ['local/named-models.test.ts', 'a model that does not exist'],
  },
  {
    threat: PLACE,
    without: 'writing the container anew',
    edits: [
      [
        BARE,
        'return Buffer.from(target.buffer ?? new ArrayBuffer(0));',
        'return video.content as Buffer;',
      ],
    ],
    tests: ['functions/inspect/bare-video.test.ts', 'has no tags'],
  },
  {
    threat: PLACE,
    without: 'sending the copy of a small one',
    edits: [
      [
        'functions/core/work/analyze-media.ts',
        'return inspector.bareVideo({ content: await read(object, isOriginal), ...video }, owner_id);',
        'return read(object, isOriginal);',
      ],
    ],
    tests: ['test/security/place.test.ts', 'a video leaves with what is to be seen'],
  },
  {
    threat: PLACE,
    without: 'sending the copy of a large one',
    edits: [
      [
        'functions/core/work/bare-copy.ts',
        'const part = present(await objects.readMediaPart(name, { start, end }), record);',
        "const part = present(await objects.readMediaPart(record.object ?? '', { start, end }), record);",
      ],
    ],
    tests: ['functions/core/work/bare-copy.test.ts', 'without the place'],
  },
  {
    threat: PLACE,
    without: 'an address without the file’s name',
    edits: [
      [
        OBJECTS,
        "getSignedUrl({ version: 'v4', action: 'read', expires });",
        "getSignedUrl({\n      version: 'v4',\n      action: 'read',\n      expires,\n      responseDisposition: contentDisposition('a'),\n    });",
      ],
    ],
    tests: ['functions/storage/objects.test.ts', 'without the file’s name'],
  },
  {
    threat: COPIES,
    without: 'removing it with the media',
    edits: [[OBJECTS, '      this.removeMedia(bareName(id)),\n', '']],
    tests: ['functions/storage/objects.test.ts', 'removing a media removes all its objects'],
  },
  {
    threat: COPIES,
    without: 'removing it when the analysis is complete',
    edits: [
      [
        'functions/core/work/analyze-media.ts',
        'await objects.removeMedia(bareName(record.id)).catch(',
        'await Promise.resolve(bareName(record.id)).catch(',
      ],
    ],
    tests: ['test/security/place.test.ts', 'a video too large for a request is sent ahead'],
  },
  {
    threat: LARGE_COPIES,
    without: 'writing in order, piece by piece',
    edits: [
      [BARE, 'new WebMOutputFormat({ appendOnly: inOrder });', 'new WebMOutputFormat();'],
      [BARE, '{ chunked: true, chunkSize: PIECE_BYTES }', '{ chunked: true, chunkSize: 2 ** 30 }'],
    ],
    tests: ['functions/inspect/bare-video.long.test.ts', 'takes the memory of a few pieces'],
  },
  {
    threat: ENDLESS,
    without: 'giving up after asking for less',
    edits: [
      ['functions/analysis/question.ts', 'if (wish.fault !== undefined) return undefined;', ''],
      [
        'functions/analysis/ask-twice.ts',
        'if (second && made < MOST_UNUSABLE &&',
        'if (second && made < 9 &&',
      ],
    ],
    tests: [OUTCOMES, 'the token limit'],
  },
  {
    threat: ENDLESS,
    without: 'counting retries over all that is asked',
    edits: [['functions/analysis/ask-twice.ts', '        onRetry: () => retries--,\n', '']],
    tests: [OUTCOMES, 'a second question has no retries'],
  },
  {
    threat: ENDLESS,
    without: 'a limit of the answer',
    edits: [[GEMINI_CALL, '  maxOutputTokens,\n  ...(thinking', '  ...(thinking']],
    tests: [OUTCOMES, 'and both together to end'],
  },
  {
    threat: SENT_ON,
    without: 'staying at the address',
    edits: [[CHAT_MODEL, "redirect: 'manual',", "redirect: 'follow',"]],
    tests: [CHAT_OUTCOMES, 'a picture is sent to the address that the operator has named'],
  },
  {
    threat: READ_ALONG,
    without: 'asking for https',
    edits: [
      [
        'functions/analysis/settings.ts',
        "url.startsWith('https:') || isPrivateAddress(url)",
        "url.startsWith('http') || isPrivateAddress(url)",
      ],
    ],
    tests: ['functions/worker/config.test.ts', 'pictures and a key leave the own network'],
  },
  {
    threat: KEY_IN_LOG,
    without: 'taking it out',
    edits: [
      [
        'functions/analysis/providers/openai-errors.ts',
        "key ? words.replaceAll(key, '…') : words",
        'words',
      ],
    ],
    tests: [CHAT_OUTCOMES, 'a refused call is told to the log without the key'],
  },
  {
    threat: PAGES,
    without: 'the list of types that are taken',
    edits: [
      [
        'functions/core/accept/multipart-source.ts',
        'if (!mayBeAccepted(fileName, contentType)) {',
        'if (!mayBeAccepted(fileName, contentType) && fileName.length > 1_000) {',
      ],
    ],
    tests: [SERVING, 'is refused at once'],
  },
  {
    threat: PAGES,
    without: 'the look at the bytes',
    edits: [ANY_FORMAT],
    tests: [SERVING, 'SVG with a prologue called a photo is not kept'],
  },
  {
    threat: PAGES,
    without: 'the decoding',
    edits: [
      [
        PICTURE,
        'throw asAppError(error, fileName);',
        `return {
      pixels: { rgb: Buffer.alloc(3), width: 1, height: 1 },
      format: detected, width: 1, height: 1, animated: false, exif: asAppError(error, fileName) && undefined,
    };`,
      ],
    ],
    tests: [SERVING, 'HTML that begins like a GIF called a photo is not kept'],
  },
  {
    threat: BOTH,
    without: 'the type of the bytes',
    edits: [
      [
        'functions/core/work/upload-media.ts',
        'objects.promote(staged.at, originalName(id), contentType)',
        'objects.promote(staged.at, originalName(id), lease.record.content_type)',
      ],
    ],
    tests: [SERVING, 'the type that a sender claims is not the type that is served'],
  },
  {
    threat: BOTH,
    without: 'a preview of pixels alone',
    edits: [
      [
        'functions/inspect/index.ts',
        'const preview = await encodePreview(picture.pixels, previewMaxSide);',
        'const preview = (await encodePreview(picture.pixels, previewMaxSide)) && bytes;',
      ],
    ],
    tests: [SERVING, 'a photo that is a page as well'],
  },
  {
    threat: MISREAD,
    without: '`nosniff`',
    edits: [[RESPOND, ", 'X-Content-Type-Options': 'nosniff'", '']],
    tests: [SERVING, 'no answer is taken for anything but its type'],
  },
  {
    threat: MISREAD,
    without: '`no-store`',
    edits: [[RESPOND, "'Cache-Control': 'no-store', ", '']],
    tests: [SERVING, 'no answer is taken for anything but its type'],
  },
  {
    threat: LINKS,
    without: 'an end that is near',
    edits: [[OBJECTS, 'expires: accessibleAt + ttlMs,', 'expires: accessibleAt + ttlMs * 100,']],
    tests: [SERVING, 'leads to another origin, for a short while'],
  },
  {
    threat: LINKS,
    // Cloud Storage checks it; on this machine local/ does, as the contract tests hold it to.
    without: 'the check of its signature',
    edits: [
      [
        'local-cloud/storage/signed-url.ts',
        'if (!isGenuine) throw',
        'if (!isGenuine && key === undefined) throw',
      ],
    ],
    tests: [SERVING, 'is worth nothing once a letter of it is changed'],
  },
  {
    threat: OTHER_BYTES,
    without: 'the size that the session is told',
    edits: [[OBJECTS, '        contentLength: size,\n', '']],
    tests: [LARGE, 'are more or fewer than was announced are no object at all'],
  },
  {
    threat: OTHER_BYTES,
    without: 'the size that the worker sees',
    edits: [
      [
        'functions/core/work/staged-content.ts',
        'if (head.size !== size) {',
        'if (head.size < size) {',
      ],
    ],
    tests: [LARGE, 'are more than was announced all the same fail by their size'],
  },
  {
    threat: OTHER_SENDER,
    without: 'the origin that the session is told',
    edits: [
      [
        OBJECTS,
        '...(origin !== undefined && { origin }),',
        "...(origin !== undefined && { origin: '*' }),",
      ],
    ],
    tests: [
      'functions/features/large-uploads/announced-source.test.ts',
      'a session takes bytes from the page that asked',
    ],
  },
  {
    threat: MARKUP,
    without: 'taking them for text',
    edits: [
      [
        'web/src/components/view/media-facts.tsx',
        '<span className="ma-file-name">{file_name}</span>',
        '<span className="ma-file-name" dangerouslySetInnerHTML={{ __html: file_name }} />',
      ],
    ],
    tests: ['test/browser/photos.test.ts', 'a file name that is HTML is a name'],
  },
  {
    threat: "another site's form to `/share`",
    without: 'the question',
    edits: [
      [
        'web/src/page/sending/shared.tsx',
        '.then(setFound, reportError)',
        '.then((all) => onFiles(all.map(({ file }) => file)), reportError)',
      ],
    ],
    tests: [
      'test/browser/install.long.test.ts',
      'files that are shared with it are sent when a person',
    ],
  },
  {
    threat: MARKUP,
    without: 'the policy of the page',
    edits: [
      [
        'shared/page-headers.json',
        `"script-src": ["'self'"],`,
        `"script-src": ["'self'", "'unsafe-inline'"],`,
      ],
    ],
    tests: [PAGE, 'lets only scripts of the page run'],
  },
  {
    threat: 'a path that leads to another file',
    without: 'the form of a file name',
    edits: [
      ['functions/hosting/page.ts', String.raw`/^[\w-][\w.-]*$/.test(name)`, 'name !== undefined'],
    ],
    tests: [PAGE, 'is not found, and no cache keeps that'],
  },
  {
    threat: 'a setting that adds a header or origin to the policy',
    without: 'the form of an origin',
    edits: [
      [
        'terraform/variables.tf',
        'for origin in var.sign_in_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))',
        'for origin in var.sign_in_origins : can(regex("^https://[^/ ;,]+$", origin))',
      ],
    ],
    tests: ['deploy/check/origins.test.ts', 'sign_in_origins are origins'],
  },
  {
    threat: 'a file name that adds a header',
    without: 'the form for every reader',
    edits: [
      [
        OBJECTS,
        String.raw`const ascii = fileName.replace(/[^\x20-\x7e]|["\\%/]/g, '_');`,
        String.raw`const ascii = fileName.replace(/[\r\n\0]/g, '');`,
      ],
    ],
    tests: [SERVING, 'adds no header'],
  },
  {
    threat: 'a file name that adds a header',
    without: 'the encoding of the other form',
    edits: [
      [
        OBJECTS,
        "encodeURIComponent(fileName.toWellFormed()).replace(/['()*]/g, (character) => {",
        "fileName.toWellFormed().replace(/['()*]/g, (character) => {",
      ],
    ],
    tests: [SERVING, 'adds no header'],
  },
  {
    threat: 'a file name that adds an event',
    without: 'one line for each field',
    edits: [
      [
        'functions/core/stream/events.ts',
        'JSON.stringify(media)',
        String.raw`JSON.stringify(media).replaceAll('\\n', '\n')`,
      ],
    ],
    tests: [SERVING, 'adds no event to a stream'],
  },
  {
    threat: SMALL_BOMBS,
    without: 'a limit of CPU time',
    edits: [[SANDBOX_CHILD, "if (cpu() - begun > cpuMs) end('cpu');", '']],
    tests: [SANDBOX_TEST, 'would hang ends as one'],
  },
  {
    threat: SMALL_BOMBS,
    without: 'a limit of memory outside of the heap',
    edits: [[SANDBOX_CHILD, "if (process.memoryUsage.rss() > memoryBytes) end('memory');", '']],
    tests: [SANDBOX_TEST, 'would buffers ends as one'],
  },
  {
    threat: SMALL_BOMBS,
    without: 'the verdict of the first death',
    edits: [
      [
        SANDBOX,
        'if (exceeded && isSure) job.settled.reject(new LimitExceededError(exceeded, detail));',
        "if (exceeded && isSure) job.settled.reject(new Error('died'));",
      ],
    ],
    tests: [INSPECTOR_TEST, 'a fragment of 5,000,000 samples'],
  },
  {
    threat: SMALL_BOMBS,
    without: 'knowing whose file it is',
    edits: [
      [INSPECTOR, '{ lane: ownerId, signal }, inspectedSchema', '{ signal }, inspectedSchema'],
    ],
    tests: [INSPECTOR_TEST, 'files of one owner are opened one after the other'],
  },
  {
    threat: SMALL_BOMBS,
    without: 'a process that is left to other owners',
    edits: [[SANDBOX, '!running.has(io.lane)', 'true']],
    tests: [SANDBOX_TEST, 'jobs of one lane run one after the other'],
  },
  {
    threat: BUSY,
    without: 'counting CPU time instead of the clock’s',
    edits: [[SANDBOX_CHILD, 'const cpu = () => {', 'const cpu = () => { return Date.now();']],
    tests: ['functions/inspect/verdicts.test.ts', 'are the same'],
  },
  {
    threat: BUSY,
    without: 'seeing that the work goes on',
    edits: [[SANDBOX_CHILD, 'workOfOthers() > seen + 1', 'false']],
    tests: [SANDBOX_TEST, 'that works is not silent'],
  },
  {
    threat: BUSY,
    without: 'a second try in a process that has opened no file yet',
    edits: [[SANDBOX, "exceeded === 'cpu' || wasNew ||", 'exceeded !== undefined ||']],
    tests: [SANDBOX_TEST, 'memory that earlier files left behind'],
  },
  {
    threat: SMALL_BOMBS,
    without: 'any process but the worker',
    edits: [
      [
        'functions/worker/index.ts',
        'const inspector = new Inspector();',
        "const inspector = Object.assign(new Inspector(), {\n  inspect: async (...[content, name, , options]: Parameters<Inspector['inspect']>) =>\n    (await import('../inspect/index.ts')).inspectMedia(content, name, options),\n});",
      ],
    ],
    tests: ['test/security/bombs.long.test.ts', 'every bomb fails at its first delivery'],
  },
  {
    threat: UNTHOUGHT,
    without: 'a verdict on facts that our own schema refuses',
    edits: [
      [
        INSPECTOR,
        'if (!isOfJob && !(error instanceof z.ZodError)) return error;',
        'if (!isOfJob) return error;',
      ],
    ],
    tests: [INSPECTOR_TEST, 'a video of no size'],
  },
  {
    threat: OUTLIVES,
    without: 'the watch over its parent',
    edits: [[SANDBOX_CHILD, 'if (isAlone()) end();', '']],
    tests: [SANDBOX_TEST, 'not even a process that hangs'],
  },
  {
    threat: BREAK_IN,
    without: 'an environment of its own for the process that opens files',
    edits: [[SANDBOX, 'env: environment(),', 'env: process.env,']],
    tests: [SANDBOX_TEST, 'knows no keys'],
  },
  {
    threat: BOMBS,
    without: 'the limit of pixels',
    edits: NO_LIMIT_OF_PIXELS,
    tests: [PICTURES, 'a PNG of 20000×20000 pixels', 'a PNG whose header lies'],
  },
  {
    threat: BOMBS,
    // Either of them stops it.
    without: 'the limits of pixels and of bytes in memory',
    edits: [
      ...NO_LIMIT_OF_PIXELS,
      [PICTURE, 'decodedBytes(metadata, pixels) > MAX_DECODED_BYTES', 'pixels < 0'],
    ],
    tests: [PICTURES, 'a GIF of 65535×65535'],
  },
  {
    threat: BOMBS,
    without: 'the limit of bytes in memory',
    edits: [[PICTURE, 'decodedBytes(metadata, pixels) > MAX_DECODED_BYTES', 'pixels < 0']],
    tests: [PICTURES, 'a PNG of 100 megapixels, interlaced'],
  },
  {
    threat: CROPPED,
    without: 'the pixels before a crop',
    edits: [
      [
        PICTURE,
        "metadata.format === 'heif' ? heifPixels(bytes)",
        "metadata.format === '' ? heifPixels(bytes)",
      ],
    ],
    tests: ['functions/inspect/heif-pixels.test.ts', 'are refused before they are decoded'],
  },
  {
    threat: BOMBS,
    without: 'leaving packed texts out',
    edits: [[PICTURE, 'withoutPackedTexts(original)', 'withoutPackedTexts(original) && original']],
    tests: [PICTURES, 'text packed into a picture is not unpacked'],
  },
  {
    threat: GIGABYTES,
    without: 'the most that is read in one piece',
    edits: [
      ['functions/inspect/video.ts', 'if (end - start > MAX_READ_BYTES)', 'if (end < start)'],
    ],
    tests: [INSPECT_TEST, 'an index of gigabytes is not read'],
  },
  {
    threat: GIGABYTES,
    without: 'the most that a photo may have',
    edits: [
      ['functions/inspect/content.ts', 'if (content.size > maxBytes) {', 'if (content.size < 0) {'],
    ],
    tests: [INSPECT_TEST, 'a photo is held, up to a limit'],
  },
  {
    threat: 'anything that is no picture',
    without: 'the look at the bytes',
    edits: [ANY_FORMAT],
    tests: [PICTURES, 'an archive is no picture'],
  },
  {
    threat: ORDERS,
    without: 'our words being the only ones',
    edits: NAME_IN_PROMPT,
    tests: [PROMPT, 'a request to the model holds one picture and our words'],
  },
  {
    threat: ORDERS,
    // The answer goes through our schema twice: as what the model said, and as a part of the whole.
    without: 'dropping what nobody asked for, each time',
    edits: [
      [SCHEMA, 'withNearMisses(findAnswer(said, NAMES))', 'findAnswer(said, NAMES)'],
      [SCHEMA, READ, 'return answer as ModelOutput;'],
      NO_SCHEMA_OF_THE_WHOLE,
    ],
    tests: [PROMPT, 'what a model that obeys the picture adds to its answer is dropped'],
  },
  {
    threat: ORDERS,
    without: 'refusing what does not fit, both times',
    edits: [[SCHEMA, READ, 'return answer as ModelOutput;'], NO_SCHEMA_OF_THE_WHOLE],
    tests: [PROMPT, 'an answer of another form is asked for again, and never stored'],
  },
  {
    threat: ORDERS,
    without: 'cutting what is too long',
    edits: [
      [
        SCHEMA,
        "return value.slice(0, limit(schema, 'maxLength')).toWellFormed();",
        'return value.toWellFormed();',
      ],
    ],
    tests: [PROMPT, 'an answer without end is cut to what the schema allows'],
  },
  {
    threat: NAME_ORDERS,
    without: 'keeping the name here',
    edits: NAME_IN_PROMPT,
    tests: [PROMPT, 'a request to the model holds one picture and our words'],
  },
  {
    threat: NAME_ORDERS,
    without: 'the form of a language tag',
    edits: [
      [
        'shared/analyses.ts',
        "/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag",
        "/./, 'must be a language tag",
      ],
    ],
    tests: [PROMPT, 'a language is a language'],
  },
  {
    threat: QUESTION,
    without: 'taking the marks of the template engine out of a question',
    edits: [['functions/analysis/prompt.ts', "value.replaceAll('<<<', '< < <')", 'value']],
    tests: ['functions/analysis/prompt.test.ts', 'a question cannot mark its words as'],
  },
  {
    threat: LONG_ANSWER,
    without: 'a limit on the length of an answer',
    edits: [['functions/analysis/answer.ts', 'bytes > MAX_ANSWER_BYTES', 'bytes < 0']],
    tests: ['functions/analysis/answer.test.ts', 'more than a media can carry is no answer'],
  },
];
