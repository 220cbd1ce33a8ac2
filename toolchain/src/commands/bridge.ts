import type { BridgeOptions, SerialBoard, UdpBoard } from '@radon/bridge/server';
import { type CommandModule, invocation } from '../command-line.ts';
import { usageFailure } from '../failure.ts';
import { wholeNumberOption } from '../number-option.ts';

/** `NAME=/dev/ttyACM0` or `NAME=/dev/ttyACM0@115200`. */
function parseSerial(text: string, before: readonly SerialBoard[] = []): readonly SerialBoard[] {
  const match = /^([a-z][a-z0-9-]{0,31})=([^@]+)(?:@(\d+))?$/.exec(text);
  if (match === null)
    throw usageFailure(`"${text}" is no serial board.`, 'For example: gauge-2=/dev/ttyACM0@115200');
  const [, name = '', path = '', baud] = match;
  return [...before, { name, path, ...(baud === undefined ? {} : { baud: Number(baud) }) }];
}

/** `NAME=HOST:PORT`. */
function parseUdp(text: string, before: readonly UdpBoard[] = []): readonly UdpBoard[] {
  const match = /^([a-z][a-z0-9-]{0,31})=(.+?)(?::(\d+))?$/.exec(text);
  if (match === null) throw usageFailure(`"${text}" is no UDP node.`, 'For example: gauge-3=192.0.2.7:5683');
  const [, name = '', host = '', port] = match;
  return [
    ...before,
    { name, host, ...(port === undefined ? {} : { port: wholeNumberOption('the port', 1, 65_535)(port) }) },
  ];
}

interface Options {
  readonly host: string;
  readonly port: number;
  readonly coapHost: string;
  readonly coapPort: number;
  readonly coapMulticast?: boolean;
  readonly allowHost?: readonly string[];
  readonly requestHost?: readonly string[];
  readonly serial?: readonly SerialBoard[];
  readonly udp?: readonly UdpBoard[];
  readonly requireToken?: boolean;
  readonly udpControl?: boolean;
}

function bridgeOptions(options: Options): Omit<BridgeOptions, 'radonFolder'> {
  return {
    host: options.host,
    port: options.port,
    coapHost: options.coapHost,
    coapPort: options.coapPort,
    coapMulticast: options.coapMulticast === true,
    allowedHosts: options.allowHost ?? [],
    requestHosts: options.requestHost ?? [],
    serialBoards: options.serial ?? [],
    udpBoards: options.udp ?? [],
    requireToken: options.requireToken === true,
    udpControl: options.udpControl === true,
  };
}

const bridge: CommandModule = (program, { workspace, output, signal }) => {
  program
    .command('bridge')
    .description('Run the server alone: boards, host node, HTTP and CoAP, until Ctrl-C.')
    .option('--host <address>', 'HTTP address; any but a loopback one asks for a token', '127.0.0.1')
    .option('--require-token', 'ask for a token on a loopback address too')
    .option('--port <port>', 'first HTTP port tried', wholeNumberOption('--port', 0, 65_535), 8080)
    .option('--coap-host <address>', 'CoAP address; read-only on any but a loopback one', '127.0.0.1')
    .option('--coap-port <port>', 'first CoAP port tried', wholeNumberOption('--coap-port', 0, 65_535), 5683)
    .option('--coap-multicast', 'answer CoAP discovery by multicast on the network of --coap-host')
    .option('--allow-host <name...>', 'further host names HTTP answers for')
    .option('--request-host <host[:port]...>', 'servers that atoms may ask with coap://')
    .option('--serial <name=path>', 'a board on a serial port; may be repeated', parseSerial)
    .option('--udp <name=host:port>', 'a node that speaks CoAP over UDP; may be repeated', parseUdp)
    .option('--udp-control', 'let the UDP ports of boards pass control requests too (tests)')
    .addHelpText('after', `\nExample: ${invocation} bridge --serial gauge-2=/dev/ttyACM0`)
    .action(async (options: Options) => {
      const logger = {
        debug: (text: string) => (output.verbose ? output.note(text) : undefined),
        info: (text: string) => output.note(text),
        warn: (text: string) => output.note(text),
        error: (text: string) => output.note(text),
      };
      const { openBridge } = await import('../bridge/open-bridge.ts');
      const opened = await openBridge(workspace, { ...bridgeOptions(options), logger });
      try {
        output.result({ url: opened.url, coap: opened.coap, token: opened.token });
        output.line(`HTTP  ${opened.url}/`);
        output.line(`CoAP  ${opened.coap}/.well-known/core`);
        if (opened.token !== undefined) output.line(`token ${opened.token}`);
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      } finally {
        await opened.close();
      }
    });
};

export default bridge;
