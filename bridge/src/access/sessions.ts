/** Sessions of browsers: random names that stand for the digest of a token, in memory only. */
import { createToken, digestOf } from './token-digest.ts';

/** How long a session lasts, milliseconds. */
export const sessionMs = 12 * 60 * 60 * 1000;
export const maxSessions = 256;

export interface Sessions {
  /** Opens one for the digest of a token; its name. The oldest goes when there are too many. */
  open(token: Buffer): string;
  /** The digest of the token that a session stands for. */
  tokenOf(id: string): Buffer | undefined;
  close(id: string): void;
}

interface Session {
  readonly token: Buffer;
  readonly ends: number;
}

export function createSessions(now: () => number): Sessions {
  /** By the digest of their name, so that a look-up tells nothing of it; oldest first. */
  const sessions = new Map<string, Session>();
  const keyOf = (id: string) => digestOf(id).toString('hex');

  return {
    open(token) {
      const id = createToken();
      sessions.set(keyOf(id), { token, ends: now() + sessionMs });
      const [oldest] = sessions.keys();
      if (sessions.size > maxSessions && oldest !== undefined) sessions.delete(oldest);
      return id;
    },
    tokenOf(id) {
      const session = sessions.get(keyOf(id));
      return session !== undefined && session.ends > now() ? session.token : undefined;
    },
    close(id) {
      sessions.delete(keyOf(id));
    },
  };
}
