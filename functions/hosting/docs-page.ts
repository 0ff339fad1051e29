/** The API's document as an HTML page, for people. It needs no script, and the browser's own search finds all of it. */
import type {
  DescribedCode,
  DescribedOperation,
  MediaType,
  OpenApi,
  Parameter,
  Schema,
} from '@media-analysis/shared/openapi';

interface Located {
  method: string;
  path: string;
  operation: DescribedOperation;
}

export function docsPage(document: OpenApi): string {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
  const { title, version, description } = document.info;
  const groups = document.tags.map((tag) => ({
    ...tag,
    operations: all.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const name = `${title} API`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(name)}</title>
<link rel="stylesheet" href="docs.css">
</head>
<body>
<header>
<h1>${text(name)}</h1>
<p class="quiet">Version ${text(version)}. For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${paragraphs(description)}
</header>
<nav aria-label="Contents">
${groups.map(({ name, operations }) => `<h2>${text(name)}</h2>\n<ul>${operations.map(contentsItem).join('')}</ul>`).join('\n')}
<p><a href="#errors">Errors</a> · <a href="#schemas">Shapes</a></p>
</nav>
<main>
${groups.map((group) => section(idOf('group', group.name), group.name, paragraphs(group.description) + group.operations.map((each) => operationSection(each, document)).join('\n'))).join('\n')}
${section(
  'errors',
  'Errors',
  Object.entries(document['x-error-codes'])
    .map((each) => codeSection(each, all))
    .join('\n'),
)}
${section('schemas', 'Shapes', Object.entries(document.components.schemas).map(schemaSection).join('\n'))}
</main>
</body>
</html>
`;
}

function section(id: string, title: string, content: string): string {
  return `<section id="${text(id)}"><h2>${text(title)}</h2>\n${content}\n</section>`;
}

function contentsItem({ method, path, operation }: Located): string {
  return `<li><a href="#${operation.operationId}"><code>${method} ${text(path)}</code></a> <span class="quiet">${inline(operation.summary)}</span></li>`;
}

function operationSection({ method, path, operation }: Located, { components }: OpenApi): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const answers = Object.entries(responses).filter(([status]) => Number(status) < 400);
  const refusals = Object.entries(responses).filter(([status]) => Number(status) >= 400);
  const codes = refusals.flatMap(([, { content = {} }]) =>
    Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples)),
  );
  const events = operation['x-events'] ?? [];
  const body = Object.entries(requestBody?.content ?? {});
  return `<section id="${operationId}">
<h3><code>${method} ${text(path)}</code></h3>
<p>${inline(summary)}.${operation.security ? ' It needs no token.' : ''}</p>
${paragraphs(description)}
${parameters.length > 0 ? table(['Parameter', 'In', 'Value', ''], parameters.map(parameterRow)) : ''}
${body.map(([type, content]) => `<h4>Body: <code>${text(type)}</code></h4>${contentHtml(content, type)}`).join('\n')}
${answers
  .map(
    ([status, { description, content = {} }]) =>
      `<h4>${text(status)}</h4><p>${inline(description)}</p>${Object.entries(content)
        .map(([type, each]) => `<p><code>${text(type)}</code></p>${contentHtml(each, type)}`)
        .join('')}`,
  )
  .join('\n')}
${
  events.length > 0
    ? table(
        ['Event', 'Data', ''],
        events.map(({ event, data, description }) => [
          `<code>${text(event)}</code>`,
          typeOf(data),
          inline(description),
        ]),
      )
    : ''
}
<p class="quiet">Refused with ${codes
    .filter((code) => components.examples?.[code])
    .map(linkToCode)
    .join(', ')}.</p>
</section>`;
}

const linkToCode = (code: string) => `<a href="#${text(code)}">${text(code)}</a>`;

function parameterRow({ name, in: where, required, schema, description }: Parameter): string[] {
  const needed = required ? ' (needed)' : '';
  const said = description ?? '';
  return [`<code>${text(name)}</code>${needed}`, where, typeOf(schema), inline(said)];
}

function contentHtml({ schema, examples = {} }: MediaType, type: string): string {
  const shape = schema?.$ref === undefined ? fieldTable(schema ?? {}) : `<p>${typeOf(schema)}</p>`;
  const shown = Object.values(examples).map(({ value }) => {
    const isForm = type === 'multipart/form-data';
    return `<pre>${text(isForm ? asForm(value) : JSON.stringify(value, null, 2))}</pre>`;
  });
  return shape + shown.join('');
}

/** In the form that `curl -F` takes. */
function asForm(value: unknown): string {
  return Object.entries(value as Record<string, unknown>)
    .flatMap(([name, each]) => [each].flat().map((one) => ({ name, one })))
    .map(({ name, one }) => `${name}=${name === 'files' ? '@' : ''}${one}`)
    .join('\n');
}

function codeSection(
  [code, { status, title, description, retryable }]: [string, DescribedCode],
  all: Located[],
) {
  const from = all.filter(({ operation }) => answersWith(operation, code));
  const where =
    from.length > 0
      ? `Answered by ${from.map(({ operation }) => `<a href="#${operation.operationId}">${operation.operationId}</a>`).join(', ')}.`
      : 'Only as the <code>error_code</code> of a media, or for one file of several.';
  const again = retryable ? ' A failed media with it may be tried again.' : '';
  return `<section id="${text(code)}">
<h3><code>${text(code)}</code></h3>
<p>${status} ${text(title)}. ${inline(description)}${again}</p>
<p class="quiet">${code === 'method_not_allowed' ? 'Answered for every path.' : where}</p>
</section>`;
}

function answersWith({ responses }: DescribedOperation, code: string): boolean {
  return Object.values(responses).some(({ content = {} }) =>
    Object.values(content).some(({ examples = {} }) => Object.hasOwn(examples, code)),
  );
}

function schemaSection([name, schema]: [string, Schema]): string {
  const id = idOf('schema', name);
  const content = schema.properties ? fieldTable(schema) : `<p>${typeOf(schema)}</p>`;
  return `<section id="${id}"><h3>${text(name)}</h3>\n${content}\n</section>`;
}

function fieldTable(schema: Schema): string {
  const rows = fieldsOf(schema, '');
  return rows.length === 0 ? '' : table(['Field', 'Value', ''], rows);
}

/** A row for each field, also for fields of inner objects, by their path: `objects[].label`. */
function fieldsOf(schema: Schema, before: string): string[][] {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = before + name;
    const optional = required.includes(name) ? '' : ' (may be absent)';
    const said = typeof field.description === 'string' ? inline(field.description) : '';
    const row = [`<code>${text(path)}</code>${optional}`, typeOf(field), said];
    const { inner, suffix } = innerOf(field);
    return [row, ...(inner ? fieldsOf(inner, `${path}${suffix}.`) : [])];
  });
}

/** Finds the object in a field, in a list or in a choice. */
function innerOf(field: Schema): { inner?: Schema; suffix: string } {
  const { properties, items, anyOf } = field as {
    properties?: object;
    items?: Schema;
    anyOf?: Schema[];
  };
  if (properties) return { inner: field, suffix: '' };
  if (items) {
    const { inner, suffix } = innerOf(items);
    return { ...(inner && { inner }), suffix: `[]${suffix}` };
  }
  const [first] = (anyOf ?? []).filter((each) => each.type !== 'null');
  return first ? innerOf(first) : { suffix: '' };
}

function typeOf(schema: Schema): string {
  const { $ref, type, items, anyOf, oneOf, default: usual } = schema;
  const { enum: values, const: value } = schema as { enum?: unknown[]; const?: unknown };
  const end = usual === undefined ? '' : `, else <code>${text(JSON.stringify(usual))}</code>`;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return `<a href="#${idOf('schema', name)}">${text(name)}</a>${end}`;
  }
  const choices = anyOf ?? oneOf;
  if (Array.isArray(choices)) return choices.map(typeOf).join(' or ') + end;
  const all = values ?? (value === undefined ? [] : [value]);
  if (all.length > 0) return all.map((each) => `<code>${text(each)}</code>`).join(', ') + end;
  if (type === 'array') return `list of ${typeOf((items ?? {}) as Schema)}${limits(schema)}${end}`;
  if (type === 'object') return `object${end}`;
  return `${text(wordOf(schema))}${limits(schema)}${end}`;
}

function wordOf({ format, type }: Schema): string {
  if (format === 'binary') return 'file';
  return [format ?? type ?? 'any'].flat().join(' or ');
}

const LIMITS = {
  minimum: '≥',
  maximum: '≤',
  minItems: 'at least',
  maxItems: 'at most',
} as const;

function limits(schema: Schema): string {
  const said = Object.entries(LIMITS).flatMap(([keyword, word]) =>
    schema[keyword] === undefined ? [] : [`${word} ${schema[keyword]}`],
  );
  said.push(...lengthOf(schema));
  return said.length === 0 ? '' : ` (${text(said.join(', '))})`;
}

function lengthOf({ minLength, maxLength }: Schema): string[] {
  if (maxLength !== undefined) return [`${minLength ?? 0} to ${maxLength} characters`];
  return minLength === undefined ? [] : [`at least ${minLength} characters`];
}

function table(heads: string[], rows: string[][]): string {
  const head = heads.map((each) => `<th scope="col">${each}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((each) => `<td>${each}</td>`).join('')}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

const idOf = (kind: string, name: string) => `${kind}-${name}`;

function paragraphs(description: unknown): string {
  if (typeof description !== 'string') return '';
  return description
    .split('\n\n')
    .map((each) => `<p>${inline(each)}</p>`)
    .join('\n');
}

/** Shows `code` in a text as code. */
function inline(said: string): string {
  return text(said).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function text(value: unknown): string {
  return String(value).replaceAll(/[&<>"]/g, (found) => ESCAPES[found] ?? found);
}
