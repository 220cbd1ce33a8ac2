/** curl against the HTTP face: what RFC 9110 and 9112 let a client do that browsers and Node.js never do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openScratch, type Scratch } from '../cli/command.ts';
import { within } from '../support/deadline.ts';
import { curl, describeWith } from '../support/peers.ts';

describeWith(curl, 'curl', () => {
  let project: Scratch;
  let url: string;
  beforeAll(async () => {
    project = openScratch();
    const bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
    [url = ''] = await bridge.until(/http:\/\/127\.0\.0\.1:\d+/);
  });
  afterAll(() => project?.close());

  /** Heads and bodies of all responses, interim ones too. */
  async function run(...args: string[]): Promise<string> {
    const child = spawn(curl.command, ['-s', '-i', '--max-time', '10', ...args], { cwd: project.folder });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await within(`curl ${args.join(' ')}`, 15_000, once(child, 'close'));
    return text;
  }

  const file = (name: string, bytes: number) => {
    writeFileSync(join(project.folder, name), '1'.repeat(bytes));
    return `@${name}`;
  };
  const channel = () => `${url}/nodes/bridge/io/rain0`;

  it('asks as if of a proxy, in absolute form', async () => {
    expect(await run('-x', url, `${url}/nodes/bridge`)).toMatch(/^HTTP\/1.1 200 [\s\S]*"name":"bridge"/);
    expect(await run('-x', url, 'http://evil.example/nodes')).toMatch(/^HTTP\/1.1 421 /);
    expect(await run('-p', '-x', url, `${url}/nodes`)).toMatch(/^HTTP\/1.1 405 /);
  });

  it('speaks HTTP/1.0', async () => {
    expect(await run('--http1.0', channel())).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close/i);
  });

  it('HEAD is GET without the body', async () => {
    const [head = ''] = (await run(channel())).split('\r\n\r\n');
    const withoutDate = (text: string) => text.replace(/^date: .*\r\n/im, '').trim();
    expect(withoutDate(await run('-I', channel()))).toBe(withoutDate(head));
  });

  it('sends a body in chunks, and one that waits for 100 (Continue)', async () => {
    const text = ['-H', 'content-type: text/plain', '-X', 'PUT'];
    const chunked = await run(...text, '-H', 'transfer-encoding: chunked', '-d', '7.5', channel());
    expect(chunked).toMatch(/^HTTP\/1.1 204 /);
    expect(await run(...text, '-H', 'expect: 100-continue', '-d', '8.5', channel())).toMatch(
      /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 204 /,
    );
    expect(await run('-H', 'accept: text/plain', channel())).toMatch(/8\.5$/);
  });

  it('is told of a body that is too large, or not wanted, before it sends it', async () => {
    const waiting = ['-X', 'PUT', '-H', 'expect: 100-continue'];
    const large = await run(...waiting, '--data-binary', file('large', 3_000_000), channel());
    expect(large).toMatch(/^HTTP\/1.1 413 [\s\S]*"TOO_LARGE"/);
    const unwanted = await run(...waiting, '--data-binary', file('small', 500_000), `${url}/nodes`);
    expect(unwanted).toMatch(/^HTTP\/1.1 405 [\s\S]*allow: GET, HEAD, OPTIONS/i);
  });

  it('keeps what it has by its entity tag', async () => {
    const names = `${url}/nodes/bridge/names`;
    expect(await run('--etag-save', 'tag', names)).toMatch(/^HTTP\/1.1 200 /);
    const again = await run('--etag-compare', 'tag', names);
    expect(again).toMatch(/^HTTP\/1.1 304 /);
    expect(again.split('\r\n\r\n')[1]).toBe('');
    expect(await run('-H', 'if-none-match: "00"', names)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('a range and a coding that are not served are left out', async () => {
    expect(await run('-r', '0-1', channel())).toMatch(/^HTTP\/1.1 200 /);
    expect(await run('--compressed', channel())).not.toMatch(/content-encoding/i);
  });

  it('takes what it can from what there is', async () => {
    const accept = (value: string) => run('-H', `accept: ${value}`, channel());
    expect(await accept('text/plain;q=0.1, application/senml+json;q=0.2')).toMatch(
      /content-type: application\/senml\+json/i,
    );
    expect(await accept('image/png, */*;q=0.1')).toMatch(/^HTTP\/1.1 200 /);
    expect(await accept('image/png')).toMatch(/^HTTP\/1.1 406 [\s\S]*application\/problem\+json/i);
    expect(await accept('text/plain;q=0')).toMatch(/^HTTP\/1.1 406 /);
  });
});
