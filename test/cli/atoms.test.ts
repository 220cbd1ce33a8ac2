import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScratch, type Scratch } from './command.ts';

/** The division is in a function that calls itself: the compiler does not put it in place of its call. */
const crashing = `
import { Format, Reply, publish } from "@radon/atoms-as/assembly";
let none: i32 = 0;
function divide(depth: i32): i32 { return depth == 0 ? 10 / none : divide(depth - 1) + none; }
export function on_start(): void { publish("now", Format.TEXT); }
export function on_request(): i32 { none = divide(2 + none); return Reply.changed(); }
`;

let project: Scratch;
beforeAll(() => {
  project = openScratch();
});
afterAll(() => project?.close());

const read = (path: string) => readFileSync(join(project.folder, path), 'utf8');

describe('a new atom', () => {
  it('is a folder with code, configuration, test and description', async () => {
    expect(await project.radon('new', 'meter')).toEqual({
      code: 0,
      stdout: [
        'atoms/meter',
        '  README.md',
        '  atom.json',
        '  atom.test.ts',
        '  atom.ts',
        'next: npx --no-install radon test meter, npx --no-install radon push meter, npx --no-install radon dev meter',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(JSON.parse(read('atoms/meter/atom.json'))).toMatchObject({
      $schema: '../../node_modules/@radon/toolchain/schema/atom.schema.json',
      name: 'meter',
    });
  });

  it('does not overwrite what is there', async () => {
    expect(await project.radon('new', 'meter')).toMatchObject({
      code: 1,
      stderr: 'radon new: atoms/meter is there already.\n  Choose another name or folder.\n',
    });
  });

  it('passes its test', async () => {
    const { code, stdout } = await project.radon('test', 'meter');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✔[\s\S]*2 passed, 0 failed/),
    });
  });

  it('fails its test where its code is wrong', async () => {
    const source = read('atoms/meter/atom.ts');
    project.write('atoms/meter/atom.ts', source.replace('count += 1', 'count += 2'));
    const { code, stdout } = await project.radon('test', 'meter');
    project.write('atoms/meter/atom.ts', source);
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringMatching(/✘[\s\S]*1 failed/) });
  });

  it('builds to a signed image, which is the same the next time, faster', async () => {
    const first = await project.radon('build', 'meter', '--json');
    expect(first.code).toBe(0);
    const built = JSON.parse(first.stdout) as { image: string; need: { load: number; run: number } };
    expect(built).toMatchObject({
      name: 'meter',
      need: { load: expect.any(Number), run: expect.any(Number) },
    });
    const bytes = readFileSync(built.image);
    const second = await project.radon('build', 'meter');
    expect(second.stdout).toContain('.radon/build/meter/meter.atom (unchanged)');
    expect(readFileSync(built.image)).toEqual(bytes);
  });

  it('is compiled again after a change of what it imports', async () => {
    project.write('atoms/meter/step.ts', 'export const step: i32 = 1;\n');
    project.write(
      'atoms/meter/atom.ts',
      `import { step } from "./step";\n${read('atoms/meter/atom.ts').replace('count += 1', 'count += step')}`,
    );
    const digest = async () => JSON.parse((await project.radon('build', 'meter', '--json')).stdout).digest;
    const before = await digest();
    project.write('atoms/meter/step.ts', 'export const step: i32 = 7;\n');
    expect(await digest()).not.toBe(before);
  });

  it('is described by inspect', async () => {
    const { code, stdout } = await project.radon('inspect', '.radon/build/meter/meter.atom');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^atom {7}meter 1\.0, sequence \d+, interface \d+, for any\nsignature {2}valid, by dev /,
    );
  });
});

describe('a broken atom', () => {
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'an atom.json that is no JSON',
      'atom.json',
      '{ "name": "broken", }',
      /^radon build: atoms\/broken\/atom\.json:1: is not JSON: property name expected\.\n {2}docs\/guide/,
    ],
    [
      'an unknown field',
      'atom.json',
      '{ "name": "broken", "version": "1", "limits": { "memory": 512 }, "color": 1 }',
      /^radon build: atoms\/broken\/atom\.json:1: color is not known; allowed: .*name, version, /,
    ],
    [
      'an error of the compiler',
      'atom.ts',
      'export function on_start(): void { foo(); }\n',
      /^radon build: atoms\/broken\/atom\.ts:1:36: Cannot find name 'foo'\.\n {2}docs\/guide/,
    ],
    [
      'a foreign import',
      'atom.ts',
      '@external("env", "beep") declare function beep(): void;\nexport function on_start(): void { beep(); }\n',
      /^radon build: The module imports env\.beep, which no node offers\.\n {2}Remove the call; atoms may import only module radon\.\n$/,
    ],
  ];

  it.each(cases)('with %s is told where, and nothing is written', async (_what, file, text, stderr) => {
    await project.radon('new', 'broken', '--in', 'fresh');
    for (const name of ['atom.json', 'atom.ts'])
      project.write(`atoms/broken/${name}`, read(`fresh/broken/${name}`));
    project.write(`atoms/broken/${file}`, text);
    const result = await project.radon('build', 'broken');
    expect(result).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(stderr) });
    expect(existsSync(join(project.folder, '.radon/build/broken'))).toBe(false);
  });
});

describe('keys', () => {
  it('are made with a private file for the owner alone', async () => {
    const { code, stdout } = await project.radon('keys', 'create', 'release');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^release {2}kid [0-9a-f]+\n {2}public key [0-9a-f]{64}\n$/);
    expect(statSync(join(project.folder, '.radon/keys/release.pem')).mode & 0o777).toBe(0o600);
    expect((await project.radon('keys', 'create', 'release')).stderr).toBe(
      'radon keys create: The key release exists already.\n  Choose another name, or radon keys rotate.\n',
    );
  });

  it('sign images, and a board refuses those of a key it does not trust', async () => {
    await project.radon('emu', 'start', 'gauge-1');
    expect(await project.radon('push', 'meter', '--key', 'release')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^radon push: gauge-1 refused meter: The node does not trust key [0-9a-f]+\.\n {2}Trust it with radon keys trust/,
      ),
    });
    await project.radon('keys', 'trust', 'release');
    expect((await project.radon('flash', 'gauge-1')).stdout).toMatch(/^gauge-1 flashed, restarted in /);
    expect(await project.radon('push', 'meter', '--key', 'release')).toMatchObject({ code: 0 });
  });

  it('with rights for some names sign only these', async () => {
    await project.radon('keys', 'create', 'lab');
    await project.radon('keys', 'trust', 'lab', '--prefix', 'lab-');
    await project.radon('flash', 'gauge-1');
    expect((await project.radon('push', 'meter', '--key', 'lab')).stderr).toMatch(
      /^radon push: gauge-1 refused meter: Key [0-9a-f]+ lacks the right deploy for meter\.\n/,
    );
  });

  it('are rotated with their trust', async () => {
    const { stdout } = await project.radon('keys', 'list', '--json');
    await project.radon('keys', 'rotate', 'release');
    const after = JSON.parse((await project.radon('keys', 'list', '--json')).stdout) as KeyList;
    const before = JSON.parse(stdout) as KeyList;
    const trusted = ({ trusted: all }: KeyList) => all.find(({ name }) => name === 'release')?.key;
    expect(trusted(after)).not.toBe(trusted(before));
    expect(after.trusted).toHaveLength(before.trusted.length);
  });
});

interface KeyList {
  readonly trusted: readonly { readonly name: string; readonly key: string }[];
}

describe('a trap', () => {
  it('is logged with the name of the function', async () => {
    project.write('atoms/crash/atom.ts', crashing);
    project.write(
      'atoms/crash/atom.json',
      JSON.stringify({
        name: 'crash',
        version: '1',
        limits: { memory: 512, publish: 16, body: 16 },
        resources: [{ path: 'now' }],
      }),
    );
    expect(await project.radon('push', 'crash')).toMatchObject({ code: 0, stderr: '' });
    const bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
    await bridge.until(/gauge-1: up/);
    const [base] = await bridge.until(/coap:\/\/127\.0\.0\.1:\d+/);
    const post = await project.radon('post', `${base}/nodes/gauge-1/a/crash/now`);
    expect(post).toMatchObject({ code: 1, stderr: expect.stringContaining('crash failed while handling') });
    const { stdout } = await project.radon('logs');
    expect(stdout).toMatch(/ERROR crash {2}ARITHMETIC in REQUEST, function #\d+ \(.*divide\)/);
    await bridge.interrupt();
  });
});
