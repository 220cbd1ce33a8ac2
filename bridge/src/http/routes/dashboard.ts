/** The dashboard; its files say nothing of the nodes, so a browser may have them before it shows its token. */
import { dashboardFile } from '../dashboard.ts';
import type { Route } from './route.ts';

export function dashboardRoutes(): readonly Route[] {
  return [
    {
      path: '/',
      methods: ['GET'],
      right: 'none',
      summary: 'The dashboard',
      produces: ['text/html'],
      handle: () => dashboardFile(['index.html']),
    },
    {
      path: '/dashboard/{path...}',
      methods: ['GET'],
      right: 'none',
      summary: 'Scripts and styles of the dashboard',
      produces: ['text/javascript', 'text/css', 'image/svg+xml'],
      handle: (_request, { segments }) => dashboardFile(segments.slice(1)),
    },
  ];
}
