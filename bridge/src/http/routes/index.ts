/** The route table of the HTTP face. */
import { createServices, type Services } from '../../services/index.ts';
import { createEventIds } from '../event-stream.ts';
import type { Ask } from '../live.ts';
import { type CacheFigures, createMetrics } from '../metrics.ts';
import { bridgeRoutes } from './bridge.ts';
import { dashboardRoutes } from './dashboard.ts';
import { descriptionRoute } from './description.ts';
import { liveRoutes } from './live.ts';
import { createRouteTable, type RouteTable } from './match.ts';
import { messageRoutes } from './messages.ts';
import { metricsRoutes } from './metrics.ts';
import { type NodeRouteOptions, nodeRoutes } from './nodes.ts';
import { type OutsideServers, outsideRoutes } from './outside.ts';
import { serviceRoutes } from './services.ts';
import { type SessionRouteOptions, sessionRoutes } from './session.ts';

export { allowOf, type RouteTable } from './match.ts';
export type { HttpMethod, QueryArgument, Repeat, Right, Route } from './route.ts';

export interface RouteOptions extends NodeRouteOptions, SessionRouteOptions {
  /** Takes messages from outside, and requests to servers outside. */
  readonly messages: OutsideServers;
  /** Resources by their type (default: of the registry). */
  readonly services?: Services;
  /** Milliseconds between two comments of an event stream (default 15,000). */
  readonly keepAliveMs?: number | undefined;
  /** The sequence of event ids goes on after this one (default 0). */
  readonly lastEventId?: number;
  /** False while the bridge starts or ends (default: never). */
  readonly isReady?: () => boolean;
  /** What the cache counted, where there is one. */
  readonly cache?: () => CacheFigures;
}

/** What the handler that dispatches on the table has for it. */
export interface Dispatcher {
  /** Answers what comes over `/live`. */
  readonly ask: Ask;
  /** Replies so far by the first digit of their status. */
  readonly replies: readonly number[];
}

export function createRoutes(options: RouteOptions, { ask, replies }: Dispatcher): RouteTable {
  const { registry, messages, isReady = () => true, cache } = options;
  const { services = createServices(registry), keepAliveMs, lastEventId } = options;
  const streams = { nextId: createEventIds(lastEventId), keepAliveMs };
  const rows = [
    ...nodeRoutes(options, streams),
    ...serviceRoutes(services, streams),
    ...messageRoutes(messages),
    ...outsideRoutes(messages, streams),
    ...liveRoutes(ask),
    ...sessionRoutes(options),
    ...dashboardRoutes(),
    ...metricsRoutes(createMetrics({ registry, replies, cache })),
    ...bridgeRoutes(registry, isReady),
  ];
  return createRouteTable([...rows, descriptionRoute(registry, rows)]);
}
