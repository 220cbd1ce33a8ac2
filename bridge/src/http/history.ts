/** `?since=&limit=` on an observed resource (docs/reference/http.md#history). */
import type { History, HistoryQuery } from '../history/index.ts';
import { RadonError } from '../problem/error.ts';
import { encodeSenmlCbor, type SenmlPack, stringifySenml } from '../senml/index.ts';
import { contentFormat } from '../tables/index.ts';
import { parseAccept } from './accept.ts';
import { type HttpReply, type HttpRequest, headerOf } from './message.ts';
import type { NodeTarget } from './node-target.ts';

const defaultLimit = 100;
const maxLimit = 1_000;
const headers = { 'cache-control': 'no-store', vary: 'accept' };

/** Undefined where the query asks for something else, or nothing is kept: then it is the node's. */
export function historyReply(
  request: HttpRequest,
  { server, path, query }: NodeTarget,
  history: Pick<History, 'find'>,
): HttpReply | undefined {
  if (query.length === 0 || !query.every(isHistoryArgument)) return undefined;
  const readings = history.find(server.name, path);
  return readings && packReply(request, readings.read(parseQuery(query)));
}

function packReply(request: HttpRequest, pack: SenmlPack): HttpReply {
  const { formats, any } = parseAccept(headerOf(request, 'accept'));
  const wanted = formats.find((format) => producible.has(format));
  if (wanted === undefined && !any) throw new RadonError('NOT_ACCEPTABLE', { name: 'A history' });
  const isCbor = wanted === contentFormat.SENML_CBOR || wanted === contentFormat.CBOR;
  return {
    status: 200,
    headers: { ...headers, 'content-type': isCbor ? 'application/senml+cbor' : 'application/senml+json' },
    body: isCbor ? encodeSenmlCbor(pack) : stringifySenml(pack),
  };
}

const producible: ReadonlySet<number> = new Set([
  contentFormat.SENML_JSON,
  contentFormat.JSON,
  contentFormat.SENML_CBOR,
  contentFormat.CBOR,
]);

function isHistoryArgument(argument: string): boolean {
  return argument.startsWith('since=') || argument.startsWith('limit=');
}

function parseQuery(query: readonly string[]): HistoryQuery {
  const since = numberIn(query, 'since', /^-?\d{1,12}(\.\d{1,9})?$/);
  const limit = numberIn(query, 'limit', /^\d{1,4}$/) ?? defaultLimit;
  if (limit < 1 || limit > maxLimit) throw bad(`limit is from 1 to ${maxLimit}`);
  return { since, limit };
}

/** An empty argument is one that was left out. */
function numberIn(query: readonly string[], name: string, form: RegExp): number | undefined {
  const text = query.find((argument) => argument.startsWith(`${name}=`))?.slice(name.length + 1);
  if (text === undefined || text === '') return undefined;
  if (!form.test(text)) throw bad(`${name} is no such number`);
  return Number(text);
}

function bad(detail: string): RadonError {
  return new RadonError('BAD_REQUEST', { detail });
}
