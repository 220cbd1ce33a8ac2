/** A device on UDP with one reading; `next` makes it change. */
import { createCoapContext } from '@radon/bridge/coap';
import { openUdpServer } from '@radon/bridge/link';
import { announce } from './serve.mjs';

let reading = 0;
let registered = 0;
let most = 0;
const observers = new Set();

const reply = () => ({
  code: 69,
  contentFormat: 0,
  maxAge: 60,
  payload: new TextEncoder().encode(String(reading)),
  subscribe(changed) {
    registered += 1;
    observers.add(changed);
    most = Math.max(most, observers.size);
    return () => observers.delete(changed);
  },
});

const link = await openUdpServer();
createCoapContext(link, {
  handler: ({ path }) => (path === '/a/rain/level' ? reply() : { code: 132 }),
});
announce(link.localPort, (question) => {
  if (question === 'next') {
    reading += 1;
    for (const changed of observers) changed();
  }
  return { reading, registered, most };
});
