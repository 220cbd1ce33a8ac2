/** npm `coap` 1.5.0, the usual choice on Node.js. */
import coap from 'coap';
import { announce } from './serve.mjs';

const server = coap.createServer((request, response) => {
  response.code = request.method === 'GET' ? '2.05' : '2.04';
  response.end(request.method === 'GET' ? 'hello' : undefined);
});
server.listen(0, '127.0.0.1', () => announce(server._sock.address().port));
