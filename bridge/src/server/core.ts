/** What the parts of a running bridge share. */
import { type AuditEntry, createRateLimit, type RateLimit } from '../access/index.ts';
import type { Cache } from '../cache/index.ts';
import type { Logger } from '../device/logger.ts';
import type { History } from '../history/index.ts';
import type { Registry } from '../registry/registry.ts';
import type { Router } from '../router/index.ts';
import type { Services } from '../services/index.ts';
import type { BridgeOptions } from './bridge.ts';

/** Called at the end, the last one first. */
export type Close = () => Promise<unknown> | unknown;

export interface Core {
  readonly registry: Registry;
  readonly services: Services;
  readonly cache: Cache;
  readonly history: History;
  readonly router: Router;
  readonly logger: Logger;
  /** Takes every change that was asked for. */
  readonly onChange: (entry: AuditEntry) => void;
  /** Whether everything is open. */
  readonly isReady: () => boolean;
}

/** 127.0.0.0/8, ::1 and the name for both. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const defaultRateLimit = 200;

export function rateLimitOf({ rateLimit = defaultRateLimit }: BridgeOptions): RateLimit | undefined {
  return rateLimit === 0 ? undefined : createRateLimit({ perSecond: rateLimit });
}

export function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
