/** Every setting of the bridge: one row each, for its file, the environment, flags and help. */

export type SettingValue = string | number | boolean | readonly string[];

export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly coapHost: string;
  readonly coapPort: number;
  readonly coapMulticast: boolean;
  readonly allowedHosts: readonly string[];
  readonly requestHosts: readonly string[];
  readonly requireToken: boolean;
  readonly rateLimit: number;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly maxBody: number;
  readonly history: readonly string[];
  readonly tags: readonly string[];
  readonly serial: readonly string[];
  readonly udp: readonly string[];
  readonly udpControl: boolean;
}

export type SettingName = keyof Settings;

export interface SettingRow {
  /** As commander takes it. */
  readonly flag: string;
  readonly summary: string;
  readonly fallback: SettingValue;
  /** Of a number. */
  readonly range?: readonly [least: number, most: number];
  /** Whether it names a file, from the folder of the file or process that says so. */
  readonly isFile?: boolean;
}

const port = [0, 65_535] as const;

/** An empty text stands for none. */
export const settings: Readonly<Record<SettingName, SettingRow>> = {
  host: {
    flag: '--host <address>',
    summary: 'HTTP address; any but a loopback one asks for a token',
    fallback: '127.0.0.1',
  },
  port: { flag: '--port <port>', summary: 'first HTTP port tried', fallback: 8080, range: port },
  coapHost: {
    flag: '--coap-host <address>',
    summary: 'CoAP address; read-only on any but a loopback one',
    fallback: '127.0.0.1',
  },
  coapPort: { flag: '--coap-port <port>', summary: 'first CoAP port tried', fallback: 5683, range: port },
  coapMulticast: {
    flag: '--coap-multicast',
    summary: 'answer CoAP discovery by multicast on the network of --coap-host',
    fallback: false,
  },
  allowedHosts: {
    flag: '--allow-host <name...>',
    summary: 'further host names HTTP answers for',
    fallback: [],
  },
  requestHosts: {
    flag: '--request-host <host:port...>',
    summary: 'servers that atoms may ask with coap://',
    fallback: [],
  },
  requireToken: {
    flag: '--require-token',
    summary: 'ask for a token on a loopback address too',
    fallback: false,
  },
  rateLimit: {
    flag: '--rate-limit <number>',
    summary: 'requests a second of each token, and of each address without one; 0: no limit',
    fallback: 200,
    range: [0, 1_000_000],
  },
  tlsCert: {
    flag: '--tls-cert <file>',
    summary: 'certificate and its chain, PEM: HTTP becomes HTTPS',
    fallback: '',
    isFile: true,
  },
  tlsKey: { flag: '--tls-key <file>', summary: 'its private key, PEM', fallback: '', isFile: true },
  maxBody: {
    flag: '--max-body <bytes>',
    summary: 'largest HTTP body',
    fallback: 1_048_576,
    range: [1_024, 67_108_864],
  },
  history: {
    flag: '--history <node/path...>',
    summary: 'resources observed for their history',
    fallback: [],
  },
  tags: { flag: '--tag <node=tag...>', summary: 'tags of nodes, by which they are chosen', fallback: [] },
  serial: { flag: '--serial <name=path...>', summary: 'boards on serial ports', fallback: [] },
  udp: {
    flag: '--udp <name=host:port...>',
    summary: 'nodes that speak CoAP over UDP',
    fallback: [],
  },
  udpControl: {
    flag: '--udp-control',
    summary: 'let the UDP ports of boards pass control requests too (tests)',
    fallback: false,
  },
};

export const settingNames = Object.keys(settings) as readonly SettingName[];

/** `coapHost` is `RADON_BRIDGE_COAP_HOST`. */
export function variableOf(name: SettingName): string {
  return `RADON_BRIDGE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `--coap-host`. */
export function flagOf(name: SettingName): string {
  return settings[name].flag.split(' ', 1)[0] ?? '';
}
