/** A bare fastify route that gives the bytes the bridge gives from its cache. */
import { fastify } from 'fastify';
import { announce } from './serve.mjs';

const headers = {
  'cache-control': 'max-age=60',
  vary: 'accept',
  age: '1',
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
};
const app = fastify();
app.get('/nodes/far/a/rain/level', (_request, reply) => reply.headers(headers).send('hello'));
await app.listen({ host: '127.0.0.1', port: 0 });
announce(app.server.address().port);
