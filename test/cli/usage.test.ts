import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandNames, openScratch, type Scratch } from './command.ts';

let project: Scratch;
beforeAll(() => {
  project = openScratch();
});
afterAll(() => project.close());

/** Arguments, exit code, and the whole text of stderr. */
const cases: readonly (readonly [string, number, string])[] = [
  ['xyz', 2, 'radon: There is no command "xyz".\n  See: npx --no-install radon --help\n'],
  ['pusch', 2, 'radon: There is no command "pusch".\n  Did you mean push or put?\n'],
  ['get', 2, "radon get: Missing required argument 'uri'.\n  See: npx --no-install radon get --help\n"],
  ['ps --color', 2, "radon ps: Unknown option '--color'.\n  See: npx --no-install radon ps --help\n"],
  ['emu begin', 2, "radon emu: Unknown command 'begin'.\n  See: npx --no-install radon emu --help\n"],
  ['get node', 2, 'radon get: "node" is no URI.\n  For example: coap://127.0.0.1:5701/node\n'],
  [
    'get http://127.0.0.1/node',
    2,
    'radon get: "http://127.0.0.1/node" is no coap: URI.\n  For example: coap://127.0.0.1:5701/node\n',
  ],
  [
    'get coap://127.0.0.1:5701/node --timeout soon',
    2,
    'radon get: --timeout takes a number from 0.001 to 3600, not "soon".\n',
  ],
  [
    'get coap://127.0.0.1:5701/node --accept wav',
    2,
    'radon get: "wav" is no content-format.\n  Give a number or a name such as json, cbor, senml+json, text, link-format.\n',
  ],
  [
    'load coap://127.0.0.1:5701/node --clients 1.5',
    2,
    'radon load: --clients takes a whole number from 1 to 10000, not "1.5".\n',
  ],
  [
    'load coaps://127.0.0.1/node',
    2,
    'radon load: "coaps://127.0.0.1/node" is no coap: or http: URI.\n  For example: coap://127.0.0.1:5701/node\n',
  ],
  [
    'load coap://127.0.0.1/node --rate 5 --rounds 3',
    2,
    'radon load: --rounds is for a closed loop; --rate makes an open one.\n  Give --duration.\n',
  ],
  ['load coap://127.0.0.1/node --header A:b', 2, 'radon load: --header and --token-file are for HTTP.\n'],
  ['load http://127.0.0.1/node --non', 2, 'radon load: --non and --ports are for CoAP.\n'],
  [
    'load http://127.0.0.1/node --header A',
    2,
    'radon load: "A" is no header.\n  For example: --header "X-Trace: 1"\n',
  ],
  [
    'load coap://127.0.0.1/node --clients 5 --ports 4',
    2,
    'radon load: --ports 4 is too few for 5 clients: each has its own.\n',
  ],
  [
    'load coap://127.0.0.1/node --plot nowhere/load.svg',
    2,
    'radon load: The file nowhere/load.svg cannot be written.\n  Check the folder it is to be in.\n',
  ],
  [
    'load http://127.0.0.1:9/node',
    3,
    'radon load: 127.0.0.1:9 does not answer.\n  Check that the bridge or the server runs.\n',
  ],
  [
    'get coap://nowhere.invalid/node',
    3,
    'radon get: The host nowhere.invalid is not known.\n  Check the name, or use an address.\n',
  ],
  [
    'get coap://127.0.0.1:9/node --timeout 0.2',
    3,
    'radon get: 127.0.0.1:9 does not answer CoAP.\n  Check that the bridge or the board runs (radon ls).\n',
  ],
  [
    'ps',
    3,
    'radon ps: No node can be reached.\n  Start a board (radon emu start NAME) or the bridge (radon bridge).\n',
  ],
  [
    'tokens create --right root wall',
    2,
    'radon tokens create: "root" is no right.\n  Rights: read, write, admin.\n',
  ],
  [
    'tokens create --right read bridge',
    2,
    'radon tokens create: "bridge" is no token name.\n  Use lower-case letters, digits and hyphens, at most 32, a letter first; not "bridge".\n',
  ],
  [
    'tokens revoke wall',
    1,
    'radon tokens revoke: There is no token wall.\n  npx --no-install radon tokens list shows them.\n',
  ],
  ['ls gauge-9', 1, 'radon ls: There is no node gauge-9.\n  radon ls lists them.\n'],
  [
    'emu start Gauge',
    2,
    'radon emu start: "Gauge" is no board name.\n  Use lower-case letters, digits and hyphens, at most 32, a letter first.\n',
  ],
  [
    'emu start gauge-9 --board toaster',
    2,
    'radon emu start: There is no board "toaster".\n  Known boards: netduinoplus2.\n',
  ],
  [
    'emu start gauge-9 --emulator renode',
    3,
    'radon emu start: Renode is not installed: no command "renode" is on the PATH.\n  Leave out --emulator to use QEMU, or install Renode from its project.\n',
  ],
  ['emu start --count 0', 2, 'radon emu start: --count takes a whole number from 1 to 64, not "0".\n'],
  [
    'emu stop gauge-9',
    1,
    'radon emu stop: There is no emulated board gauge-9.\n  radon emu list shows them.\n',
  ],
  ['reset gauge-9', 1, 'radon reset: There is no emulated board gauge-9.\n  radon emu list shows them.\n'],
  [
    'flash gauge-9',
    1,
    'radon flash: There is no emulated board gauge-9.\n  Start it (radon emu start gauge-9) or name a debug server with --gdb.\n',
  ],
  [
    'flash gauge-9 --gdb 127.0.0.1:9',
    3,
    'radon flash: Nothing answers the GDB protocol at 127.0.0.1:9.\n  Start the board or its debug server first.\n',
  ],
  [
    'build nothing',
    1,
    'radon build: There is no atom nothing.\n  Known here: blink, button, chain-a, chain-b, dispatcher, echo, horn, intake, lamp, peer, rain, report, smooth, supervisor, task, worker. Make one with: radon new nothing\n',
  ],
  ['build ./nothing', 1, 'radon build: There is no atom.json in ./nothing.\n  Name an atom or its folder.\n'],
  [
    'inspect nothing.atom',
    2,
    'radon inspect: There is no file nothing.atom.\n  Check the path; it starts at the folder you stand in.\n',
  ],
  [
    'new Bad',
    2,
    'radon new: "Bad" cannot be the name of an atom.\n  Use up to 32 lower-case letters, digits and hyphens, a letter first.\n',
  ],
  [
    'keys create Bad',
    2,
    'radon keys create: "Bad" is no key name.\n  Use lower-case letters, digits and hyphens, at most 32, a letter first.\n',
  ],
  [
    'keys rotate release',
    1,
    'radon keys rotate: There is no key release.\n  Make it with: radon keys create release\n',
  ],
  ['keys trust other --key 12', 2, 'radon keys trust: A public key is 64 hexadecimal digits.\n'],
  [
    'config --tls-cert x.pem',
    2,
    'radon config: tlsCert and tlsKey go together.\n  Give both files, or none.\n',
  ],
  [
    'bridge --config none.json',
    2,
    'radon bridge: There is no file none.json.\n  Check the path; it starts at the folder you stand in.\n',
  ],
  ['bridge --port 70000', 2, 'radon bridge: --port takes a whole number from 0 to 65535, not "70000".\n'],
  [
    'bridge --serial ttyACM0',
    2,
    'radon bridge: "ttyACM0" is no serial board.\n  For example: gauge-2=/dev/ttyACM0@115200\n',
  ],
];

describe('a mistake is told in a sentence, with what to do', () => {
  it.each(cases)('radon %s', async (command, code, stderr) => {
    const result = await project.radon(...command.split(' '));
    expect(result).toEqual({ code, stdout: '', stderr });
  });

  it('as JSON on stdout where a machine asked', async () => {
    const { code, stdout } = await project.radon('ps', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        sentence: 'No node can be reached.',
        remedy: 'Start a board (radon emu start NAME) or the bridge (radon bridge).',
      },
    });
  });

  it('with the technical cause where it was asked for', async () => {
    const plain = await project.radon('get', 'coap://nowhere.invalid/');
    const verbose = await project.radon('get', 'coap://nowhere.invalid/', '--verbose');
    expect(plain.stderr).not.toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(verbose.stderr).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it('and leaves nothing half-made behind', () => {
    expect(readdirSync(project.folder).filter((name) => name !== '.radon')).toEqual([
      'node_modules',
      'package.json',
    ]);
  });
});

describe('help', () => {
  it('lists every command', async () => {
    const { code, stdout } = await project.radon('--help');
    expect(code).toBe(0);
    for (const name of commandNames) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(commandNames)('of %s has an example', async (name) => {
    const { code, stdout, stderr } = await project.radon(name, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Example: npx --no-install radon ${name}`);
  });

  it.each(['emu start', 'keys trust', 'tokens create'])('of %s has one of its own', async (names) => {
    const { stdout } = await project.radon(...names.split(' '), '--help');
    expect(stdout).toMatch(new RegExp(`^Usage: npx --no-install radon ${names} `));
    expect(stdout).toContain(`Example: npx --no-install radon ${names} `);
  });

  it.each(['', 'emu', 'keys'])(
    'is shown for "radon %s", which lacks a command, as wrong usage',
    async (name) => {
      const { code, stdout, stderr } = await project.radon(...(name === '' ? [] : [name]));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^Usage: /);
    },
  );
});
