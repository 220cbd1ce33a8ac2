/** The stream of one observed resource. */
import { RadonError } from '../problem/error.ts';
import { errorOfResponse } from '../problem/index.ts';
import type { NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { parseAccept } from './accept.ts';
import { createEventChannel } from './event-channel.ts';
import { type EventFormat, serverSentEvents, socketMessages } from './event-format.ts';
import { type HttpReply, type HttpRequest, headerOf } from './message.ts';
import { errorReply, isError } from './node-reply.ts';

/** What a stream tells of: a resource of a node, of whichever node has it, of a server outside. */
export interface ObservedResource<Told extends NodeResponse = NodeResponse> {
  /** Whose it is, for errors. */
  readonly owner: string;
  /** Its path here, for errors. */
  readonly href: string;
  /** Its path on a node of ours, whose methods are known; empty for any other. */
  readonly path: readonly string[];
  observe(listener: ObservationListener<Told>): Observation;
  /** One line. */
  dataOf(response: Told): string;
  /** Where it comes from, unless `href` says so. */
  providerOf?(response: Told): string | undefined;
}

export interface EventStreamOptions {
  /** The bridge's sequence of event ids. */
  readonly nextId: () => number;
  /** Milliseconds between two signs of life (default 15,000). */
  readonly keepAliveMs?: number | undefined;
}

/** `Accept: text/event-stream` or a WebSocket. */
export function wantsStream(request: HttpRequest): boolean {
  if (request.method !== 'GET') return false;
  return request.isWebSocket === true || parseAccept(headerOf(request, 'accept')).stream;
}

export function eventFormatOf({ isWebSocket }: HttpRequest): EventFormat {
  return isWebSocket ? socketMessages : serverSentEvents;
}

/** The content-format that is observed: what `Accept` names beside the stream; undefined stands for the resource's default. */
export function observedFormatOf(request: HttpRequest): number | undefined {
  return parseAccept(headerOf(request, 'accept')).formats[0];
}

/** The bridge's sequence of event ids. */
export function createEventIds(lastEventId = 0): () => number {
  return () => {
    lastEventId += 1;
    return lastEventId;
  };
}

/** Resolves once the first value is there, with the stream, or with the node's error; rejects with RadonError. */
export function openEventStream<Told extends NodeResponse>(
  request: HttpRequest,
  resource: ObservedResource<Told>,
  options: EventStreamOptions,
): Promise<HttpReply> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    const format = eventFormatOf(request);
    const channel = createEventChannel({ ...options, format });
    const giveUp = (reason: unknown) => {
      observation.close();
      signal.removeEventListener('abort', onAbort);
      reject(reason);
    };
    const onAbort = () => giveUp(signal.reason);
    let isOpen = false;
    const begin = (provider?: string) => {
      if (isOpen) return;
      isOpen = true;
      signal.removeEventListener('abort', onAbort);
      const reply = format.reply((sink) => channel.attach(sink, () => observation.close()));
      if (provider !== undefined) reply.headers['content-location'] = provider;
      resolve(reply);
    };
    const observation = resource.observe({
      next(response) {
        const provider = resource.providerOf?.(response);
        channel.put(() => resource.dataOf(response), provider);
        begin(provider);
      },
      lost() {
        if (!isOpen && !isReturning(request))
          return giveUp(new RadonError('NODE_UNREACHABLE', { name: resource.owner }));
        channel.say('lost');
        begin();
      },
      back: () => channel.say('back'),
      end(response) {
        const reason = endReason(response, resource);
        if (isOpen) channel.end({ title: reason.code, detail: reason.message });
        else if (isError(response)) resolve(errorReply(response, resource.path));
        else giveUp(reason);
      },
    });
    signal.addEventListener('abort', onAbort);
  });
}

/** A browser that lost a stream tries again, but not after an error: it waits in its stream for a lost node. */
export function isReturning(request: HttpRequest): boolean {
  return headerOf(request, 'last-event-id') !== undefined;
}

function endReason(response: NodeResponse, { owner, href }: ObservedResource<never>): RadonError {
  if (isError(response)) return errorOfResponse(response, owner);
  return new RadonError('NOT_OBSERVABLE', { name: href });
}
