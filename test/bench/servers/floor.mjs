/** The floor: node:dgram and the least codec that answers. No deduplication, no timers, no options. */
import { createSocket } from 'node:dgram';
import { announce } from './serve.mjs';

const payload = Buffer.from('hello');

const socket = createSocket({
  type: 'udp4',
  recvBufferSize: 2 << 20,
  lookup: (address, _options, done) => done(null, address, 4),
});

function answer(request) {
  const tokenLength = request[0] & 15;
  const hasBody = request[1] === 1;
  const reply = Buffer.allocUnsafe(4 + tokenLength + (hasBody ? 1 + payload.length : 0));
  reply[0] = 0x60 | tokenLength;
  reply[1] = hasBody ? 0x45 : 0x44;
  request.copy(reply, 2, 2, 4 + tokenLength);
  if (hasBody) {
    reply[4 + tokenLength] = 0xff;
    payload.copy(reply, 5 + tokenLength);
  }
  return reply;
}

socket.on('message', (request, from) => {
  socket.send(answer(request), from.port, from.address);
});
socket.bind(0, '127.0.0.1', () => announce(socket.address().port));
