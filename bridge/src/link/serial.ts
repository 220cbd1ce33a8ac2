import type { SerialLinkOptions } from './adapters.ts';
import { type ByteStream, createFramedLink } from './framed.ts';
import { defaultBaud, type Link, serialTiming } from './link.ts';

/** Slipmux on a serial port, through the optional package `serialport`. */
export async function openSerialLink(options: SerialLinkOptions): Promise<Link> {
  const baud = options.baud ?? defaultBaud;
  const { SerialPort } = await loadSerialPort();
  const port = new SerialPort({ path: options.path, baudRate: baud, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  const stream = portStream(port, options.path);
  return createFramedLink(
    `serial:${options.path}@${baud}`,
    stream,
    serialTiming(baud),
    options.trusted !== false,
  );
}

type SerialPortModule = typeof import('serialport');
type Port = InstanceType<SerialPortModule['SerialPort']>;

async function loadSerialPort(): Promise<SerialPortModule> {
  try {
    return await import('serialport');
  } catch (error) {
    throw new Error('Serial ports need the npm package "serialport": npm install serialport', {
      cause: error,
    });
  }
}

function portStream(port: Port, path: string): ByteStream {
  let isClosing = false;
  return {
    write: (bytes) => port.write(bytes),
    start(events) {
      port.on('drain', () => events.drained());
      port.on('error', () => port.close());
      port.on('close', (cause: Error | null) =>
        events.closed(isClosing ? undefined : (cause ?? new Error(`${path} was unplugged`))),
      );
      port.on('data', (bytes: Uint8Array) => events.data(bytes));
    },
    close() {
      isClosing = true;
      return new Promise((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve()));
    },
  };
}
