import { type ErrorName, errorTable } from '../tables/index.ts';

/** What a detail of an error may be: numbers in the unit its name says, text otherwise. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** The one error class of the bridge: `code` is a row of docs/errors.json, `details` fill its sentence. */
export class RadonError extends Error {
  override readonly name = 'RadonError';
  readonly code: ErrorName;
  readonly details: ErrorDetails;

  constructor(code: ErrorName, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(errorSentence(code, details), options);
    this.code = code;
    this.details = details;
  }

  /** What the user can do about it; empty where nothing helps. */
  get remedy(): string {
    return errorTable[this.code].remedy;
  }
}

/** INTERNAL_ERROR for what nobody expected; its message stays in the log. */
export function internalError(cause: unknown): RadonError {
  return new RadonError('INTERNAL_ERROR', {
    detail: cause instanceof Error ? cause.name : 'unexpected value',
  });
}

/** The sentence of an error with its {details} filled in; a missing detail reads as "?". */
export function errorSentence(code: ErrorName, details: ErrorDetails): string {
  return errorTable[code].sentence.replace(/\{(\w+)\}/g, (_, key: string) => formatDetail(details[key]));
}

/** Whether text is the name of a row of docs/errors.json. */
export function isErrorName(text: unknown): text is ErrorName {
  return typeof text === 'string' && Object.hasOwn(errorTable, text);
}

function formatDetail(value: string | number | boolean | undefined): string {
  if (value === undefined) return '?';
  return typeof value === 'number' ? value.toLocaleString('en-US') : String(value);
}
