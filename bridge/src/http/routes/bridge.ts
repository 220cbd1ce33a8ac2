/** What the bridge tells of itself: links, nodes, health. */
import { filterLinks, formatLinks } from '../../coap/link-format.ts';
import type { Registry } from '../../registry/registry.ts';
import { listLinks } from '../../registry/tree.ts';
import { contentFormat } from '../../tables/index.ts';
import { parseAccept } from '../accept.ts';
import { type HttpReply, type HttpRequest, headerOf, jsonReply } from '../message.ts';
import type { Route } from './route.ts';

const noCache = { 'cache-control': 'max-age=0' };
const noStore = { 'cache-control': 'no-store' };
const json = ['application/json'];
const linkFormat = 'application/link-format';

export function bridgeRoutes(registry: Registry, isReady: () => boolean): readonly Route[] {
  return [
    {
      path: '/healthz',
      methods: ['GET'],
      right: 'none',
      summary: 'Whether the bridge runs',
      produces: json,
      handle: () => health(registry),
    },
    {
      path: '/readyz',
      methods: ['GET'],
      right: 'none',
      summary: 'Whether the bridge has started and does not end',
      produces: json,
      handle: () => readiness(registry, isReady()),
    },
    {
      path: '/.well-known/core',
      methods: ['GET'],
      right: 'read',
      summary: 'Every resource the bridge knows (RFC 6690)',
      query: [{ name: 'rt', summary: 'Resource type, `*` at its end stands for anything' }],
      produces: [linkFormat, 'application/json'],
      schema: 'Links',
      handle: (request, { query }) => discovery(registry, request, query),
    },
  ];
}

function health(registry: Registry): HttpReply {
  const observations = registry.observations.size;
  return jsonReply(200, { status: 'ok', nodes: countNodes(registry), observations }, noStore);
}

function readiness(registry: Registry, isReady: boolean): HttpReply {
  const status = isReady ? 'ready' : 'not ready';
  return jsonReply(isReady ? 200 : 503, { status, nodes: countNodes(registry) }, noStore);
}

function countNodes(registry: Registry): { readonly up: number; readonly lost: number } {
  const links = registry.list().map((node) => node.state().link);
  const up = links.filter((link) => link === 'up').length;
  return { up, lost: links.length - up };
}

async function discovery(
  registry: Registry,
  request: HttpRequest,
  query: readonly string[],
): Promise<HttpReply> {
  const links = filterLinks(await listLinks(registry), query);
  const { formats } = parseAccept(headerOf(request, 'accept'));
  const headers = { ...noCache, vary: 'accept' };
  const wanted = formats.find(
    (format) => format === contentFormat.JSON || format === contentFormat.LINK_FORMAT,
  );
  if (wanted === contentFormat.JSON) {
    return jsonReply(
      200,
      links.map(({ href, attributes }) => ({ href, ...attributes })),
      headers,
    );
  }
  return { status: 200, headers: { ...headers, 'content-type': linkFormat }, body: formatLinks(links) };
}
