import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addSettingFlags, bridgeOptionsOf, flagsGiven } from './bridge-options.ts';
import { type ConfigurationSources, readConfiguration } from './configuration.ts';
import { settingNames, settings, variableOf } from './settings.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'radon-config-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (sources: Partial<ConfigurationSources> = {}) =>
  readConfiguration({ root, environment: {}, flags: {}, ...sources });
const write = (text: string, name = 'bridge.json') => {
  const file = join(root, name);
  writeFileSync(file, text);
  return file;
};

/** Flags as a command line has them. */
function parse(...args: string[]) {
  const command = addSettingFlags(new Command().exitOverride());
  command.parse(args, { from: 'user' });
  return flagsGiven(command.opts());
}

describe('the configuration', () => {
  it('is all defaults where nothing is said', () => {
    const { settings: values, origins } = read();
    expect(values).toMatchObject({ host: '127.0.0.1', port: 8080, rateLimit: 200, serial: [] });
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  });

  it('takes flags before the environment, that before the file, and says where each value stands', () => {
    write('{\n  "port": 1001,\n  "coapPort": 1002,\n  "rateLimit": 7\n}');
    const environment = { RADON_BRIDGE_PORT: '2001', RADON_BRIDGE_COAP_PORT: '2002', RADON_BRIDGE_HOST: '' };
    const { settings: values, origins } = read({ environment, flags: parse('--port', '3001') });
    expect(values).toMatchObject({ port: 3001, coapPort: 2002, rateLimit: 7, host: '127.0.0.1' });
    expect(origins).toMatchObject({
      port: '--port',
      coapPort: 'RADON_BRIDGE_COAP_PORT',
      rateLimit: expect.stringMatching(/bridge\.json:4$/),
      host: 'default',
    });
  });

  it('reads lists, switches and names of files from each source', () => {
    mkdirSync(join(root, 'etc'));
    write('', 'etc/cert.pem');
    const file = write(
      '{"tlsCert": "cert.pem", "tlsKey": "/dev/null", "serial": ["g=/dev/tty0"]}',
      'etc/b.json',
    );
    const environment = {
      RADON_BRIDGE_CONFIG: file,
      RADON_BRIDGE_ALLOWED_HOSTS: 'a.lan, b.lan',
      RADON_BRIDGE_REQUIRE_TOKEN: 'true',
    };
    const flags = parse('--udp', 'x=192.0.2.1', 'y=192.0.2.2:99', '--udp', 'z=h', '--udp-control');
    const options = bridgeOptionsOf(read({ environment, flags }).settings);
    expect(options).toMatchObject({
      tls: { cert: join(root, 'etc', 'cert.pem'), key: '/dev/null' },
      serialBoards: [{ name: 'g', path: '/dev/tty0' }],
      allowedHosts: ['a.lan', 'b.lan'],
      requireToken: true,
      udpControl: true,
      udpBoards: [
        { name: 'x', host: '192.0.2.1' },
        { name: 'y', host: '192.0.2.2', port: 99 },
        { name: 'z', host: 'h' },
      ],
    });
  });

  it.each([
    ['{', /bridge\.json:1: is not JSON/],
    ['{\n"prot": 1}', /bridge\.json:2: prot is not known; allowed: .*port/],
    ['{\n\n"port": 70000}', /bridge\.json:3: port cannot be 70000; allowed: whole numbers from 0 to 65535/],
    ['{"port": "80"}', /bridge\.json:1: port cannot be "80"/],
    ['{"serial": ["ttyACM0"]}', /bridge\.json:1: serial\[0\] cannot be "ttyACM0"/],
    ['[]', /bridge\.json:1: the file cannot be/],
  ])('refuses the file %s with its line', (text, message) => {
    write(text);
    expect(read).toThrow(message);
  });

  it.each([
    ['RADON_BRIDGE_PORT', 'tcp://10.0.0.1:80', /RADON_BRIDGE_PORT: port cannot be "tcp:/],
    ['RADON_BRIDGE_PORT', '1.5', /allowed: whole numbers/],
    ['RADON_BRIDGE_REQUIRE_TOKEN', 'yes', /allowed: true or false/],
    ['RADON_BRIDGE_SERIAL', 'ttyACM0', /RADON_BRIDGE_SERIAL: serial\[0\]/],
    ['RADON_BRIDGE_CONFIG', '/nowhere/bridge.json', /There is no file .*nowhere/],
  ])('refuses %s=%s', (name, value, message) => {
    expect(() => read({ environment: { [name]: value } })).toThrow(message);
  });

  it('gathers the tags of each node', () => {
    const { settings: values } = read({ flags: parse('--tag', 'a=roof', 'b=roof', 'a=rain', 'a=roof') });
    expect(bridgeOptionsOf(values).tags).toEqual(
      new Map([
        ['a', ['roof', 'rain']],
        ['b', ['roof']],
      ]),
    );
    for (const text of ['roof', 'a=', 'a=Roof', 'a=b=c', '=b'])
      expect(() => bridgeOptionsOf({ ...values, tags: [text] })).toThrow(`"${text}" is no tag of a node.`);
    expect(() => read({ environment: { RADON_BRIDGE_TAGS: 'a=roof, b' } })).toThrow(
      /tags\[1\] cannot be "b"/,
    );
  });

  it('takes several of whatever is a list', () => {
    for (const name of settingNames) {
      const { fallback, flag } = settings[name];
      if (!Array.isArray(fallback)) continue;
      const [word = ''] = flag.split(' ');
      expect(parse(word, 'a', 'b', word, 'c')).toEqual({ [name]: ['a', 'b', 'c'] });
    }
  });

  it('takes hosts by name and address, and none for several', () => {
    const { settings: values } = read({ flags: parse('--request-host', 'gauge.local', '[::1]:5683', '::1') });
    expect(bridgeOptionsOf(values).requestHosts).toHaveLength(3);
    for (const text of ['*', '*.local', 'coap://gauge', 'gauge:x', ''])
      for (const name of ['requestHosts', 'allowedHosts'])
        expect(() => bridgeOptionsOf({ ...values, [name]: [text] })).toThrow(`"${text}" is no host.`);
  });

  it('wants certificate and key together', () => {
    const { settings: values } = read({ flags: parse('--tls-cert', 'x.pem') });
    expect(() => bridgeOptionsOf(values)).toThrow('tlsCert and tlsKey go together.');
    const gone = read({ flags: parse('--tls-cert', '/dev/null', '--tls-key', join(root, 'gone.pem')) });
    expect(() => bridgeOptionsOf(gone.settings)).toThrow(`There is no file ${join(root, 'gone.pem')}.`);
  });
});

describe('settings', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../schema/bridge.schema.json', import.meta.url), 'utf8'),
  ) as { properties: Record<string, { minimum?: number; maximum?: number }> };

  it('are those of the schema, with the same ranges', () => {
    expect(Object.keys(schema.properties)).toEqual(['$schema', ...settingNames]);
    for (const name of settingNames) {
      const { minimum, maximum } = schema.properties[name] ?? {};
      const range = minimum === undefined ? undefined : [minimum, maximum];
      expect([name, settings[name].range]).toEqual([name, range]);
    }
  });

  it('are all explained to operators', () => {
    const guide = readFileSync(new URL('../../../docs/guide/operating.md', import.meta.url), 'utf8');
    for (const name of settingNames) expect(guide).toContain(`| \`${name}\` |`);
    expect(guide).toContain(variableOf('coapHost'));
    const example = /```json\n([^`]*)```/.exec(guide)?.[1] ?? '';
    write(example);
    for (const file of ['cert.pem', 'key.pem']) write('', file);
    expect(bridgeOptionsOf(read().settings)).toMatchObject({ tls: { cert: join(root, 'cert.pem') } });
  });
});
