import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccess } from './access.ts';
import { includesRight } from './caller.ts';
import { maxSessions, sessionMs } from './sessions.ts';
import { openTokenStore } from './token-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-tokens-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['read', 'read', true],
  ['read', 'write', false],
  ['write', 'read', true],
  ['write', 'admin', false],
  ['admin', 'write', true],
] as const)('%s includes %s: %s', (has, needs, does) => {
  expect(includesRight(has, needs)).toBe(does);
});

describe('the file of tokens', () => {
  test('is its owner’s alone and holds no token', () => {
    const store = openTokenStore(folder, () => 7);
    const token = store.create('ci', 'write');
    const file = join(folder, 'tokens.json');
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(token);
    expect(store.list()).toMatchObject([{ name: 'ci', right: 'write', created: 7 }]);
  });

  test('counts from the next look on, whoever changes it', () => {
    const access = createAccess({ tokens: openTokenStore(folder) });
    const other = openTokenStore(folder);
    const token = other.create('ci', 'read');
    expect(access.callerOf(token)).toEqual({ name: 'ci', right: 'read' });
    expect(other.revoke('ci')).toBe(true);
    expect(access.callerOf(token)).toBeUndefined();
    expect(other.revoke('ci')).toBe(false);
  });

  test.each([
    '{',
    '{}',
    '[1]',
    '[null]',
    '[{"name":"a","right":"root","sha256":"","created":1}]',
    `[{"name":"a","right":"read","sha256":"${'0'.repeat(63)}","created":1}]`,
  ])('lets nobody in when it says %s', (text) => {
    writeFileSync(join(folder, 'tokens.json'), text);
    const access = createAccess({ tokens: openTokenStore(folder) });
    expect(() => access.callerOf('anything')).toThrow(/tokens\.json (is no|cannot be read as a) list/);
  });
});

describe('access', () => {
  test('knows the tokens of the file and its own, each with its right', () => {
    const tokens = openTokenStore(folder);
    const access = createAccess({ tokens, ownToken: 'own' });
    const token = tokens.create('wall', 'read');
    expect(access.callerOf(token)).toEqual({ name: 'wall', right: 'read' });
    expect(access.callerOf('own')).toEqual({ name: 'bridge', right: 'admin' });
    for (const wrong of ['', 'owm', `${token}x`, token.slice(1)])
      expect(access.callerOf(wrong)).toBeUndefined();
  });

  test('a session stands for its token until it is closed, revoked or over', () => {
    let now = 0;
    const tokens = openTokenStore(folder);
    const access = createAccess({ tokens, now: () => now });
    const token = tokens.create('wall', 'read');
    const open = () => access.openSession(token) ?? '';
    const [first, second] = [open(), open()];
    expect(first).not.toBe(token);
    expect(access.callerOfSession(first)).toEqual({ name: 'wall', right: 'read' });
    access.closeSession(first);
    access.closeSession(first);
    expect(access.callerOfSession(first)).toBeUndefined();
    now = sessionMs - 1;
    expect(access.callerOfSession(second)).toBeDefined();
    now = sessionMs;
    expect(access.callerOfSession(second)).toBeUndefined();
    const third = open();
    tokens.revoke('wall');
    expect(access.callerOfSession(third)).toBeUndefined();
    expect(access.openSession(token)).toBeUndefined();
    expect(access.openSession('guess')).toBeUndefined();
  });

  test('a token is no session and a session no token', () => {
    const access = createAccess({ tokens: openTokenStore(folder), ownToken: 'own' });
    const session = access.openSession('own') ?? '';
    expect(access.callerOf(session)).toBeUndefined();
    expect(access.callerOfSession('own')).toBeUndefined();
  });

  test('sessions are bounded: the oldest goes', () => {
    const access = createAccess({ tokens: openTokenStore(folder), ownToken: 'own' });
    const ids = Array.from({ length: maxSessions + 1 }, () => access.openSession('own') ?? '');
    expect(access.callerOfSession(ids[0] ?? '')).toBeUndefined();
    expect(access.callerOfSession(ids[1] ?? '')).toBeDefined();
  });
});
