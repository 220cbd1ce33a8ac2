/** This project's server, as it is shipped: parsing, routing, deduplication, timers. */
import { code, createCoapContext } from '../../../bridge/dist/coap/index.js';
import { openUdpServer } from '../../../bridge/dist/link/index.js';
import { announce } from './serve.mjs';

const content = { code: code.content, payload: new TextEncoder().encode('hello') };
const changed = { code: code.changed };

const link = await openUdpServer();
createCoapContext(link, {
  handler(request) {
    if (request.path !== '/bench') return { code: code.notFound };
    return request.code === 1 ? content : changed;
  },
});
announce(link.localPort);
