/** WebAssembly modules: bounded reading, the check every node makes, locating offsets, metering. Pure. */
export { ByteWriter } from './byte-writer.ts';
export { checkModule } from './check.ts';
export { type FunctionAt, functionAt, functionName } from './locate.ts';
export { fuelPerMs, type MeteredModule, meterModule } from './meter.ts';
export * from './module-info.ts';
export { readModule, sectionId } from './sections.ts';
