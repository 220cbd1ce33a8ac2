/** WebAssembly modules: bounded reading, the check every node makes, locating offsets, metering. Pure. */
export { checkModule } from './check.ts';
export { type FunctionAt, functionAt, functionName } from './locate.ts';
export { fuelPerMs, type MeteredModule, meterModule } from './meter.ts';
export * from './module-info.ts';
