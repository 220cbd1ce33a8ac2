/** What the bridge says of its nodes. */
import { RadonError } from '../../problem/error.ts';
import type { NodePort } from '../../registry/node.ts';
import type { Registry } from '../../registry/registry.ts';
import { splitTags } from '../../registry/tags.ts';
import { createEventChannel } from '../event-channel.ts';
import { type EventStreamOptions, eventFormatOf, wantsStream } from '../event-stream.ts';
import { type HttpReply, type HttpRequest, jsonReply } from '../message.ts';
import type { Route } from './route.ts';

const noCache = { 'cache-control': 'max-age=0' };
const produces = ['application/json'];

export function nodeStateRoutes(registry: Registry, streams: EventStreamOptions): readonly Route[] {
  return [
    {
      path: '/nodes/{node}',
      methods: ['GET'],
      right: 'read',
      summary: 'Reads or streams the state of a node',
      produces,
      schema: 'NodeState',
      handle: (request, { segments }) => {
        const node = nodeOf(registry, segments);
        const read = () => registry.stateOf(node);
        return wantsStream(request)
          ? streamOf(request, registry, streams, read, node)
          : jsonReply(200, read(), noCache);
      },
    },
    {
      path: '/nodes',
      methods: ['GET'],
      right: 'read',
      summary: 'Reads or streams the states of all nodes',
      query: [{ name: 'tag', summary: 'Nodes with this tag; may be repeated' }],
      produces,
      handle: (request, { query }) => {
        const { tags } = splitTags(query);
        const read = () => registry.list(tags).map(registry.stateOf);
        return wantsStream(request)
          ? streamOf(request, registry, streams, read)
          : jsonReply(200, read(), noCache);
      },
    },
  ];
}

export function nodeOf(registry: Registry, [, name = '']: readonly string[]): NodePort {
  const node = registry.get(name);
  if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name });
  return node;
}

/** A value whenever a node comes, goes, is lost or is back; ends with the one node it is about. */
function streamOf(
  request: HttpRequest,
  registry: Registry,
  streams: EventStreamOptions,
  read: () => unknown,
  about?: NodePort,
): HttpReply {
  const format = eventFormatOf(request);
  const channel = createEventChannel({ ...streams, format });
  const tell = () => {
    const isGone = about !== undefined && registry.get(about.name) !== about;
    if (isGone) channel.end(ending(about));
    else channel.put(() => JSON.stringify(read()));
  };
  return format.reply((sink) => {
    const close = channel.attach(sink, registry.watch(tell));
    tell();
    return close;
  });
}

function ending({ name }: NodePort): { readonly title: string; readonly detail: string } {
  const { code, message } = new RadonError('NO_SUCH_NODE', { name });
  return { title: code, detail: message };
}
