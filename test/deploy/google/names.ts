/** What all services of the stand-in call things. */
import { ApiError } from './resources.ts';

export const PROJECT = 'my-project-1234';
export const PROJECT_NUMBER = '123456789012';
export const AT = '2026-01-01T00:00:00Z';

export const refuse = (message: string) => new ApiError(400, 'FAILED_PRECONDITION', message);

/** A name with the API before it, so that two APIs may give the same name. */
export const key = (api: string, name: unknown) => `${api}/${name}`;
