/** What the stand-in for Google keeps: resources by their names, and the answers that Google gives about them. */

export type Json = Record<string, unknown>;

/** An answer of Google's APIs that is an error: https://google.aip.dev/193 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly status: string;

  constructor(code: number, status: string, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const notFound = (name: string) => new ApiError(404, 'NOT_FOUND', `${name} was not found.`);

/** Names such as `run/projects/p/locations/r/services/s`: the API, and the name that the API gives. */
export class Resources {
  readonly #all = new Map<string, Json>();
  /** Bytes of objects and of uploads that go on, by their names. */
  readonly contents = new Map<string, Buffer>();
  #number = 1_000;

  /** Another number each time, for ids that Google chooses. */
  next(): string {
    this.#number++;
    return String(this.#number);
  }

  names(): string[] {
    return [...this.#all.keys()];
  }

  under(prefix: string): Json[] {
    return [...this.#all].filter(([name]) => name.startsWith(prefix)).map(([, value]) => value);
  }

  find(name: string): Json | undefined {
    return this.#all.get(name);
  }

  /** @throws {ApiError} If there is no such resource. */
  get(name: string): Json {
    const found = this.#all.get(name);
    if (!found) throw notFound(name);
    return found;
  }

  /** @throws {ApiError} If the name is taken. */
  create(name: string, value: Json): Json {
    if (this.#all.has(name)) throw new ApiError(409, 'ALREADY_EXISTS', `${name} already exists.`);
    this.#all.set(name, value);
    return value;
  }

  /** Puts a value where another one may be. */
  replace(name: string, value: Json): Json {
    this.#all.set(name, value);
    return value;
  }

  /** Sets fields of a resource, which exists afterwards. */
  merge(name: string, fields: Json): Json {
    const value = { ...this.#all.get(name), ...fields };
    this.#all.set(name, value);
    return value;
  }

  /** Takes away all resources whose names begin so, whatever protects them. */
  forget(prefix: string): void {
    for (const name of this.names()) if (name.startsWith(prefix)) this.#all.delete(name);
  }

  /** @throws {ApiError} If there is no such resource. */
  delete(name: string): Json {
    const value = this.get(name);
    this.#all.delete(name);
    return value;
  }
}
