/** Tokens and the sessions that stand for them. */
import type { Caller } from './caller.ts';
import { createSessions } from './sessions.ts';
import { digestOf, findByDigest } from './token-digest.ts';
import type { TokenStore } from './token-store.ts';

export interface AccessOptions {
  readonly tokens: Pick<TokenStore, 'list'>;
  /** One more token, with every right, that is in no file of tokens. */
  readonly ownToken?: string;
  /** UTC, milliseconds. */
  readonly now?: () => number;
}

export interface Access {
  /** Whose token this is; undefined: nobody's, or no longer. */
  callerOf(token: string): Caller | undefined;
  /** The same for a session. */
  callerOfSession(id: string): Caller | undefined;
  /** A session for who holds this token; undefined: nobody does. */
  openSession(token: string): string | undefined;
  /** Idempotent. */
  closeSession(id: string): void;
}

/** The name under which the bridge's own token is told. */
export const ownTokenName = 'bridge';

export function createAccess({ tokens, ownToken, now = Date.now }: AccessOptions): Access {
  const sessions = createSessions(now);
  const own =
    ownToken === undefined
      ? []
      : [{ name: ownTokenName, right: 'admin' as const, digest: digestOf(ownToken) }];

  function find(digest: Buffer): Caller | undefined {
    const found = findByDigest([...own, ...tokens.list()], digest);
    return found && { name: found.name, right: found.right };
  }

  return {
    callerOf: (token) => find(digestOf(token)),
    callerOfSession(id) {
      const digest = sessions.tokenOf(id);
      return digest && find(digest);
    },
    openSession(token) {
      const digest = digestOf(token);
      return find(digest) && sessions.open(digest);
    },
    closeSession: (id) => sessions.close(id),
  };
}
