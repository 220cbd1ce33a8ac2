/** Server-sent events (WHATWG HTML section 9.2) of one observed resource. */
import { RadonError } from '../problem/error.ts';
import { errorOfResponse } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, Observation } from '../registry/node.ts';
import type { ObservationHub } from '../registry/observation-hub.ts';
import { contentFormat, method } from '../tables/index.ts';
import type { HttpReply, StreamSink } from './message.ts';
import { errorReply, isError } from './node-reply.ts';
import { hasOurFields, type NodeTarget } from './node-target.ts';
import { formatPath } from './target.ts';
import { type Content, toJson } from './transcode.ts';

export interface EventStreamOptions {
  readonly observations: ObservationHub;
  readonly target: NodeTarget;
  /** Content-format to observe; left out, the resource's default. */
  readonly accept?: number | undefined;
  /** The bridge's sequence of event ids. */
  readonly nextId: () => number;
  /** Fires when the client goes away before the first value. */
  readonly signal: AbortSignal;
  /** Milliseconds between two comments that keep the connection alive (default 15,000). */
  readonly keepAliveMs?: number;
}

const keepAliveMs = 15_000;
/** A client that lets this many bytes wait is disconnected. */
const maxBufferedBytes = 1024 * 1024;
const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

/** Resolves once the first value is there, with the stream, or with the node's error; rejects with RadonError. */
export function openEventStream(options: EventStreamOptions): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const channel = createChannel(options.nextId, options.keepAliveMs ?? keepAliveMs);
    const { server: node, path, query } = options.target;
    const request: NodeRequest = {
      method: method.GET,
      path,
      query,
      payload: noPayload,
      accept: options.accept,
    };
    const giveUp = (reason: unknown) => {
      observation.close();
      options.signal.removeEventListener('abort', onAbort);
      reject(reason);
    };
    const onAbort = () => giveUp(options.signal.reason);
    const begin = () => {
      options.signal.removeEventListener('abort', onAbort);
      resolve({
        status: 200,
        headers: { ...headers },
        body: '',
        stream: (sink) => channel.attach(sink, observation),
      });
    };
    const observation: Observation = options.observations.observe(node, request, {
      next(response) {
        channel.put(() => eventData(response, options.target));
        begin();
      },
      lost() {
        if (channel.isEmpty()) giveUp(new RadonError('NODE_UNREACHABLE', { name: node.name }));
        else channel.say('lost', '{}');
      },
      back: () => channel.say('back', '{}'),
      end(response) {
        const reason = endReason(response, options.target);
        if (!channel.isEmpty()) channel.end(JSON.stringify({ title: reason.code, detail: reason.message }));
        else if (isError(response)) resolve(errorReply(response, path));
        else giveUp(reason);
      },
    });
    options.signal.addEventListener('abort', onAbort);
  });
}

interface Channel {
  isEmpty(): boolean;
  put(data: () => string): void;
  say(event: 'lost' | 'back', data: string): void;
  end(data: string): void;
  attach(sink: StreamSink, observation: Observation): () => void;
}

interface Waiting {
  readonly kind: 'value' | 'notice';
  readonly text: () => string;
}

/** What waits for the client, in order: the newest value and the newest notice at most. */
function createChannel(nextId: () => number, aliveMs: number): Channel {
  let waiting: readonly Waiting[] = [];
  let dropped = 0;
  let hasValue = false;
  let canWrite = true;
  let sink: StreamSink | undefined;

  function flush(): void {
    if (sink === undefined || !canWrite || waiting.length === 0) return;
    const left = dropped > 0 ? `: ${dropped} older values left out\n` : '';
    const text = left + waiting.map((entry) => entry.text()).join('');
    waiting = [];
    dropped = 0;
    canWrite = sink.write(text);
    if (sink.bufferedBytes > maxBufferedBytes) sink.end();
  }

  function add(entry: Waiting): void {
    const kept = waiting.filter(({ kind }) => kind !== entry.kind);
    if (entry.kind === 'value' && kept.length < waiting.length) dropped += 1;
    waiting = [...kept, entry];
    flush();
  }

  function say(event: string, data: string): void {
    add({ kind: 'notice', text: () => `event: ${event}\ndata: ${data}\n\n` });
  }

  return {
    isEmpty: () => !hasValue,
    put(data) {
      const id = nextId();
      hasValue = true;
      add({ kind: 'value', text: () => `id: ${id}\ndata: ${data()}\n\n` });
    },
    say,
    end(data) {
      canWrite = true;
      say('end', data);
      sink?.end();
    },
    attach(attached, observation) {
      sink = attached;
      attached.onDrain(() => {
        canWrite = true;
        flush();
      });
      const timer = setInterval(() => {
        if (canWrite) canWrite = attached.write(':\n\n');
      }, aliveMs);
      flush();
      return () => {
        clearInterval(timer);
        observation.close();
      };
    },
  };
}

const noPayload = new Uint8Array(0);

/** One line: JSON as it is, text as a JSON string, other formats (and CBOR that is none) as `{ct, base64}`. */
function eventData(response: NodeResponse, target: NodeTarget): string {
  const { format, payload } = readable(response, target);
  if (typeof payload === 'string') return payload;
  const isJson = format === contentFormat.JSON || format === contentFormat.SENML_JSON;
  if (isJson) return new TextDecoder().decode(payload).replace(/[\r\n]+/g, ' ');
  const isText = format === undefined || format === contentFormat.TEXT;
  if (isText) return JSON.stringify(new TextDecoder().decode(payload));
  return JSON.stringify({ ct: format, base64: Buffer.from(payload).toString('base64') });
}

/** A bad value must not end the stream: better ones may follow. */
function readable(response: NodeResponse, target: NodeTarget): Content {
  try {
    return toJson(response, hasOurFields(target), target.server.name);
  } catch {
    return { format: response.contentFormat, payload: response.payload };
  }
}

function endReason(response: NodeResponse, { server, base, path }: NodeTarget): RadonError {
  if (isError(response)) return errorOfResponse(response, server.name);
  return new RadonError('NOT_OBSERVABLE', { name: base + formatPath(path) });
}
