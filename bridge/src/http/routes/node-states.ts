/** What the bridge says of its nodes. */
import { RadonError } from '../../problem/error.ts';
import type { NodePort } from '../../registry/node.ts';
import type { Registry } from '../../registry/registry.ts';
import { splitTags } from '../../registry/tags.ts';
import { watchState } from '../../registry/watch-state.ts';
import { createEventChannel } from '../event-channel.ts';
import { type EventStreamOptions, eventFormatOf, wantsStream } from '../event-stream.ts';
import { type HttpReply, type HttpRequest, jsonReply } from '../message.ts';
import type { Route } from './route.ts';

const noCache = { 'cache-control': 'max-age=0' };
const produces = ['application/json', 'text/event-stream'];

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
          ? streamOf(request, { read, ...oneNode(registry, node) }, streams)
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
      schema: 'NodeStates',
      handle: (request, { query }) => {
        const { tags } = splitTags(query);
        const read = () => registry.list(tags).map(registry.stateOf);
        return wantsStream(request)
          ? streamOf(request, { read, watch: registry.watch }, streams)
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

interface States {
  readonly read: () => unknown;
  readonly watch: Registry['watch'];
  /** Why there is nothing more to read. */
  readonly ending?: () => RadonError | undefined;
}

/** Until the node goes, also when another takes its name. */
function oneNode(registry: Registry, node: NodePort): Omit<States, 'read'> {
  const { name } = node;
  const isGone = () => registry.get(name) !== node;
  return {
    watch: (changed) => watchState(registry, name, changed),
    ending: () => (isGone() ? new RadonError('NO_SUCH_NODE', { name }) : undefined),
  };
}

/** A value now, and whenever something changed. */
function streamOf(
  request: HttpRequest,
  { read, watch, ending }: States,
  streams: EventStreamOptions,
): HttpReply {
  const format = eventFormatOf(request);
  const channel = createEventChannel({ ...streams, format });
  const tell = () => {
    const reason = ending?.();
    if (reason === undefined) channel.put(() => JSON.stringify(read()));
    else channel.end({ title: reason.code, detail: reason.message });
  };
  return format.reply((sink) => {
    const close = channel.attach(sink, watch(tell));
    tell();
    return close;
  });
}
