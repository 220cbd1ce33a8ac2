/** Who may do what: tokens with rights, kept as digests, and sessions of browsers. */
export { type Access, type AccessOptions, createAccess, ownTokenName } from './access.ts';
export { type AuditEntry, type AuditLog, openAuditLog } from './audit-log.ts';
export { type Caller, includesRight, isTokenRight, type TokenRight, tokenRights } from './caller.ts';
export { createRateLimit, type RateLimit } from './rate-limit.ts';
export { maxSessions, sessionMs } from './sessions.ts';
export { createToken } from './token-digest.ts';
export { openTokenStore, type StoredToken, type TokenStore } from './token-store.ts';
