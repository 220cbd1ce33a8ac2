/** The floor of a proxy: node:http and the least CoAP client that works. No retransmission, no timers, no checks. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { announce } from './serve.mjs';

const [upstreamPort] = process.argv.slice(2).map(Number);
const waiting = new Map();
let lastId = 0;

const socket = createSocket({
  type: 'udp4',
  recvBufferSize: 2 << 20,
  lookup: (address, _options, done) => done(null, address, 4),
});
const connected = once(socket, 'connect');
socket.connect(upstreamPort, '127.0.0.1');
await connected;

/** CON GET with the message ID as token; path segments and the query are short ASCII here. */
function encode(id, segments, query) {
  const parts = [Buffer.from([0x42, 1, id >> 8, id & 255, id >> 8, id & 255])];
  segments.forEach((segment, index) => {
    parts.push(Buffer.from([((index === 0 ? 11 : 0) << 4) | segment.length]), Buffer.from(segment));
  });
  if (query !== undefined) parts.push(Buffer.from([0x40 | query.length]), Buffer.from(query));
  return Buffer.concat(parts);
}

socket.on('message', (message) => {
  const id = message.readUInt16BE(2);
  const response = waiting.get(id);
  if (response === undefined) return;
  waiting.delete(id);
  const body = message.subarray(message.indexOf(0xff, 4 + (message[0] & 15)) + 1);
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
  response.end(body);
});

const server = createServer((request, response) => {
  lastId = (lastId + 1) & 0xffff;
  waiting.set(lastId, response);
  const [path, query] = request.url.split('?');
  socket.send(encode(lastId, path.split('/').slice(3), query));
});
server.listen(0, '127.0.0.1', () => announce(server.address().port));
