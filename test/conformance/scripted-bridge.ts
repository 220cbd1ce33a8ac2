import { formatCode } from '@radon/bridge/coap';
import { decodeFields, type FieldValue } from '@radon/bridge/fields';
import type { NodeResponse, ObservationListener, Upstream, UpstreamRequest } from '@radon/bridge/registry';
import { contentFormat } from '@radon/bridge/tables';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { formatBody, parseResponse } from './notation.ts';

/** The bridge as a scenario plays it: it writes down what a node sends, and answers what it was told to. */
export interface ScriptedBridge {
  readonly upstream: Upstream;
  /** What came, a line a request or observation. */
  readonly heard: Mailbox;
  /** Answers requests for a target one after the other, the last one ever again; `silence` is none at all. */
  answer(target: string, answers: readonly string[]): void;
  /** Goes on with the observation of a target: a newer representation, or with `end` its last answer. */
  tell(target: string, answer: string, isEnd: boolean): void;
}

/** Members of a message in the order of the contract; those a message lacks are left out. */
const members = ['from', 'incarnation', 'seq', 'id', 'correlation', 'flags', 'hops', 'outcome', 'payload'];

export function createScriptedBridge(): ScriptedBridge {
  const heard = createMailbox();
  const scripts = new Map<string, string[]>();
  const observers = new Map<string, ObservationListener>();
  /** Random numbers, shown by the order they came in. */
  const incarnations: FieldValue[] = [];

  const describe = (request: UpstreamRequest) => {
    const body = request.payload.length === 0 ? '' : ` ${describeBody(request, incarnations)}`;
    const hops = request.hopLimit === undefined ? '' : ` hops=${request.hopLimit}`;
    return `${targetOf(request)}${hops}${body}`;
  };

  const answerTo = (request: UpstreamRequest): string => {
    const script = scripts.get(targetOf(request)) ?? ['2.04'];
    return (script.length > 1 ? script.shift() : script[0]) ?? '2.04';
  };

  return {
    heard,
    answer: (target, answers) => scripts.set(target, [...answers]),
    tell(target, answer, isEnd) {
      const listener = observers.get(target);
      if (isEnd) observers.delete(target);
      if (isEnd) listener?.end(parseResponse(answer));
      else listener?.next(parseResponse(answer));
    },
    upstream: {
      async request(request, signal) {
        heard.put(`${formatCode(request.method)} ${describe(request)}`);
        const answer = answerTo(request);
        return answer === 'silence' ? await silence(signal) : parseResponse(answer);
      },
      observe(request, listener) {
        const target = targetOf(request);
        heard.put(`OBSERVE ${describe(request)}`);
        observers.set(target, listener);
        const first = parseResponse(answerTo(request));
        queueMicrotask(() => (first.code >> 5 === 2 ? listener.next(first) : listener.end(first)));
        return {
          close() {
            if (observers.get(target) !== listener) return;
            observers.delete(target);
            heard.put(`CANCEL ${target}`);
          },
        };
      },
    },
  };
}

/** `/m/board-2/sink`, `/nodes/board-2/a/x/y?q`, `coap://host/path`. */
function targetOf({ proxyUri, path, query }: UpstreamRequest): string {
  if (proxyUri !== undefined) return proxyUri;
  return `/${path.join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

function describeBody(
  { payload, contentFormat: format }: UpstreamRequest,
  incarnations: FieldValue[],
): string {
  if (format !== contentFormat.RADON_MESSAGE) return formatBody(payload, format);
  const message = decodeFields(payload) as Record<string, FieldValue>;
  const shown = members
    .filter((member) => message[member] !== undefined)
    .map((member) => [member, showMember(member, message[member] ?? null, incarnations)]);
  return JSON.stringify(Object.fromEntries(shown));
}

function showMember(member: string, value: FieldValue, incarnations: FieldValue[]): FieldValue {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (member !== 'incarnation') return value;
  if (!incarnations.includes(value)) incarnations.push(value);
  return incarnations.indexOf(value) + 1;
}

/** Waits for the asker to give up. */
function silence(signal: AbortSignal | undefined): Promise<NodeResponse> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
