/** The stream of one observed resource. */
import { RadonError } from '../problem/error.ts';
import { errorOfResponse } from '../problem/index.ts';
import type { NodeRequest, NodeResponse, Observation } from '../registry/node.ts';
import type { ObservationHub } from '../registry/observation-hub.ts';
import { contentFormat, method } from '../tables/index.ts';
import { createEventChannel } from './event-channel.ts';
import type { EventFormat } from './event-format.ts';
import type { HttpReply } from './message.ts';
import { errorReply, isError } from './node-reply.ts';
import { hasOurFields, type NodeTarget, type ProxyTarget } from './node-target.ts';
import { formatPath } from './target.ts';
import { type Content, toJson } from './transcode.ts';

export interface EventStreamOptions {
  readonly format: EventFormat;
  readonly observations: ObservationHub;
  readonly target: NodeTarget;
  /** Content-format to observe; left out, the resource's default. */
  readonly accept?: number | undefined;
  /** The bridge's sequence of event ids. */
  readonly nextId: () => number;
  /** Fires when the client goes away before the first value. */
  readonly signal: AbortSignal;
  /** Milliseconds between two signs of life (default 15,000). */
  readonly keepAliveMs?: number;
}

/** Resolves once the first value is there, with the stream, or with the node's error; rejects with RadonError. */
export function openEventStream(options: EventStreamOptions): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const channel = createEventChannel(options);
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
      resolve(options.format.reply((sink) => channel.attach(sink, () => observation.close())));
    };
    const observation: Observation = options.observations.observe(node, request, {
      next(response) {
        channel.put(() => eventData(response, options.target));
        begin();
      },
      lost() {
        if (channel.isEmpty()) giveUp(new RadonError('NODE_UNREACHABLE', { name: node.name }));
        else channel.say('lost');
      },
      back: () => channel.say('back'),
      end(response) {
        const reason = endReason(response, options.target);
        if (!channel.isEmpty()) channel.end({ title: reason.code, detail: reason.message });
        else if (isError(response)) resolve(errorReply(response, path));
        else giveUp(reason);
      },
    });
    options.signal.addEventListener('abort', onAbort);
  });
}

const noPayload = new Uint8Array(0);

/** One line: JSON as it is, text as a JSON string, other formats (and CBOR that is none) as `{ct, base64}`. */
export function eventData(response: NodeResponse, target: ProxyTarget): string {
  const { format, payload } = readable(response, target);
  if (typeof payload === 'string') return payload;
  const isJson = format === contentFormat.JSON || format === contentFormat.SENML_JSON;
  if (isJson) return new TextDecoder().decode(payload).replace(/[\r\n]+/g, ' ');
  const isText = format === undefined || format === contentFormat.TEXT;
  if (isText) return JSON.stringify(new TextDecoder().decode(payload));
  return JSON.stringify({ ct: format, base64: Buffer.from(payload).toString('base64') });
}

/** A bad value must not end the stream: better ones may follow. */
function readable(response: NodeResponse, target: ProxyTarget): Content {
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
