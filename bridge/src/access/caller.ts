/** Who asks, and what they may do. */

/** From least to most; each includes those before it. */
export const tokenRights = ['read', 'write', 'admin'] as const;

export type TokenRight = (typeof tokenRights)[number];

export interface Caller {
  /** Of the token; left out where none is asked for. */
  readonly name?: string;
  readonly right: TokenRight;
}

export function isTokenRight(text: unknown): text is TokenRight {
  return typeof text === 'string' && (tokenRights as readonly string[]).includes(text);
}

/** Whether who has one right may do what needs the other. */
export function includesRight(has: TokenRight, needs: TokenRight): boolean {
  return tokenRights.indexOf(has) >= tokenRights.indexOf(needs);
}
