/** `.radon/run/bridge.json`: how the `radon` command finds the bridge of a project. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type ProcessRecord, recordProcess } from './process-record.ts';

export interface BridgeRecord extends ProcessRecord {
  /** HTTP base, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** CoAP base, such as `coap://127.0.0.1:5683`. */
  readonly coap: string;
  /** What HTTP asks for; left out where it asks for nothing. */
  readonly token?: string | undefined;
}

const fileOf = (radonFolder: string) => join(radonFolder, 'run', 'bridge.json');

/** The bridge that runs for a project; undefined when there is none or its record is stale. */
export function readBridgeRecord(radonFolder: string): BridgeRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(fileOf(radonFolder), 'utf8')) as BridgeRecord;
    return isRunning(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Readable by its owner only; written whole and renamed. Replaces a stale record. */
export function writeBridgeRecord(
  radonFolder: string,
  address: Omit<BridgeRecord, keyof ProcessRecord>,
): void {
  const file = fileOf(radonFolder);
  mkdirSync(join(radonFolder, 'run'), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify({ ...recordProcess(process.pid), ...address })}\n`, { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file);
}

/** Removes the record of this process; another bridge's is left alone. */
export function removeBridgeRecord(radonFolder: string): void {
  if (readBridgeRecord(radonFolder)?.pid === process.pid) rmSync(fileOf(radonFolder), { force: true });
}
