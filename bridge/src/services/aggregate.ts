/** What several providers say, in one document: `?all` (docs/reference/http.md#services). */
import { code, codeClass } from '../coap/codes.ts';
import { encodeForeignCbor, type FieldValue } from '../fields/index.ts';
import { jsonLine } from '../format/index.ts';
import { errorOfResponse, RadonError } from '../problem/index.ts';
import type { NodeResponse } from '../registry/node.ts';
import { contentFormat } from '../tables/index.ts';
import { type Figures, figuresOf, readingOf } from './figures.ts';
import { hasOurFieldsAt, type Provider } from './provider.ts';

/** What a provider said, or why it said nothing. */
export interface ProviderAnswer {
  readonly provider: Provider;
  readonly answer: NodeResponse | RadonError;
}

interface AggregateRow {
  readonly href: string;
  readonly value?: unknown;
  readonly error?: { readonly title: string; readonly detail: string };
}

export interface Aggregate extends Figures {
  readonly rt: string;
  /** Providers with a value. */
  readonly count: number;
  /** By name. */
  readonly providers: readonly AggregateRow[];
}

/** `nowS`: seconds since 1970. */
export function aggregateOf(type: string, answers: readonly ProviderAnswer[], nowS: number): Aggregate {
  const sorted = [...answers].sort((a, b) => (a.provider.href < b.provider.href ? -1 : 1));
  const values = sorted.flatMap(({ answer }) => (isValue(answer) ? [answer] : []));
  const figures = figuresOf(values.flatMap((answer) => readingOf(answer, nowS) ?? []));
  return { rt: type, count: values.length, ...figures, providers: sorted.map(rowOf) };
}

/** As JSON, or as CBOR whose keys are the same names: the values in it have names of their own. */
export function aggregateResponse(aggregate: Aggregate, accept: number): NodeResponse {
  const payload =
    accept === contentFormat.CBOR
      ? encodeForeignCbor(aggregate as unknown as FieldValue)
      : new TextEncoder().encode(JSON.stringify(aggregate));
  return { code: code.content, payload, contentFormat: accept, maxAge: 0 };
}

const errorClass = 4;

function isValue(answer: NodeResponse | RadonError): answer is NodeResponse {
  return !(answer instanceof RadonError) && codeClass(answer.code) < errorClass;
}

function rowOf({ provider, answer }: ProviderAnswer): AggregateRow {
  const { href, node } = provider;
  if (isValue(answer)) return { href, value: contentOf(answer, provider) };
  const error = answer instanceof RadonError ? answer : errorOfResponse(answer, node.name);
  return { href, error: { title: error.code, detail: error.message } };
}

/** As in a stream; a document that is none, or nested deeper than documents are, is text. */
function contentOf(response: NodeResponse, provider: Provider): unknown {
  const text = jsonLine(response, hasOurFieldsAt(provider), provider.node.name);
  try {
    const document: unknown = JSON.parse(text);
    return isNestedWithin(mostLevels, document) ? document : text;
  } catch {
    return text;
  }
}

/** Levels of arrays and objects: with those around it the aggregate has no more than any document (fields/index.ts). */
const mostLevels = 60;

function isNestedWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isNestedWithin(levels - 1, member));
}
