import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

let project: Scratch;
let bridge: RunningCommand;
let url: string;
beforeAll(async () => {
  project = openScratch();
  bridge = project.start('bridge', '--require-token', '--port', '0', '--coap-port', '0');
  [, url = ''] = await bridge.until(/^HTTP +(\S+)\/$/m);
  await bridge.until(/^token /m);
});
afterAll(() => project.close());

const create = async (name: string, right: string): Promise<string> =>
  (await project.radon('tokens', 'create', '--right', right, name)).stdout.trim();

async function statusOf(path: string, token: string, method = 'GET'): Promise<number> {
  const reply = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  await reply.arrayBuffer();
  return reply.status;
}

describe('radon tokens', () => {
  it('makes tokens that a bridge which runs takes, with their rights, until they are revoked', async () => {
    const token = await create('wall', 'read');
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(await statusOf('/nodes', token)).toBe(200);
    expect(await statusOf('/nodes/bridge/atoms/rain', token, 'DELETE')).toBe(403);
    expect(await statusOf('/nodes', 'guess')).toBe(401);
    expect(await project.radon('tokens', 'revoke', 'wall')).toMatchObject({ code: 0 });
    expect(await statusOf('/nodes', token)).toBe(401);
  });

  it('keeps digests, for their owner alone, and lists names', async () => {
    const token = await create('ci', 'admin');
    const file = join(project.folder, '.radon', 'tokens.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(token);
    const listed = await project.radon('tokens', 'list', '--json');
    expect(JSON.parse(listed.stdout)).toEqual([{ name: 'ci', right: 'admin', created: expect.any(Number) }]);
    expect(listed.stdout).not.toContain(token);
    expect(await project.radon('tokens', 'create', '--right', 'read', 'ci')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^radon tokens create: The token ci exists already\./),
    });
  });

  it('are what a bridge asks for; its own token is told on its terminal', async () => {
    const [, own = ''] = await bridge.until(/^token (\S+)$/m);
    expect(await statusOf('/nodes', own)).toBe(200);
    expect((await fetch(`${url}/nodes`)).status).toBe(401);
    expect((await fetch(`${url}/nodes?token=${own}`)).status).toBe(400);
  });
});
