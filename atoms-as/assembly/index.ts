/** The SDK for atoms in AssemblyScript: `import { Kv, publish } from "@radon/atoms-as/assembly"`. */
export { ErrorCode, EventField, EventKind, Format, Handled, IoEdges, LogLevel, Method } from "./abi.generated";
export { Cbor } from "./cbor";
export { Event } from "./event";
export { Io } from "./io";
export { Kv } from "./kv";
export { Log, fail } from "./log";
export { Clock, Self, random } from "./node";
export { Output } from "./output";
export { Code, Reply } from "./reply";
export { Request } from "./request";
export { notify, publish } from "./resource";
export { Senml } from "./senml";
export { Timer } from "./timer";
