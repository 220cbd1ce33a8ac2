/** The serial line of an emulated board, byte by byte. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { encodeFrame, FrameDecoder } from '@radon/bridge/link';
import { createMailbox } from './deadline.ts';

export interface SerialLine {
  /** Puts bytes on the line as they are. */
  write(bytes: Uint8Array): void;
  /** Sends a CoAP message in a good frame. */
  send(message: Uint8Array): void;
  /** The next CoAP message of the board. */
  receive(withinMs?: number): Promise<Uint8Array>;
  /** The next diagnostic text of the board. */
  diagnostic(withinMs?: number): Promise<string>;
  close(): void;
}

export async function openSerialLine(path: string): Promise<SerialLine> {
  const socket = connect(path);
  await once(socket, 'connect');
  const messages = createMailbox<Uint8Array>('a message of the board');
  const diagnostics = createMailbox<string>('a diagnostic text of the board');
  const decoder = new FrameDecoder({ message: messages.put, diagnostic: diagnostics.put });
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Uint8Array) => decoder.push(bytes));
  return {
    write: (bytes) => socket.write(bytes),
    send: (message) => socket.write(encodeFrame(message)),
    receive: (withinMs) => messages.take(withinMs),
    diagnostic: (withinMs) => diagnostics.take(withinMs),
    close: () => socket.destroy(),
  };
}
