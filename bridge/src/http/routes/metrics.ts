/** Counters for Prometheus. */
import { expositionType } from '../exposition.ts';
import type { Metrics } from '../metrics.ts';
import type { Route } from './route.ts';

export function metricsRoutes(metrics: Metrics): readonly Route[] {
  return [
    {
      path: '/metrics',
      methods: ['GET'],
      right: 'read',
      summary: 'Counters of links, exchanges, the cache, atoms and the bridge itself',
      produces: ['text/plain'],
      handle: async () => ({
        status: 200,
        headers: { 'content-type': expositionType, 'cache-control': 'no-store' },
        body: await metrics(),
      }),
    },
  ];
}
