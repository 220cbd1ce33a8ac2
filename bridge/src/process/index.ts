/** Records by which processes of one project find each other: pid and start time, and where the bridge answers. */
export {
  type BridgeRecord,
  readBridgeRecord,
  removeBridgeRecord,
  writeBridgeRecord,
} from './bridge-record.ts';
export { type ProcessLock, takeProcessLock } from './process-lock.ts';
export { endProcess, isRunning, type ProcessRecord, recordProcess } from './process-record.ts';
