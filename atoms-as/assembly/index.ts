/** The SDK for atoms in AssemblyScript: `import { Kv, publish } from "@radon/atoms-as/assembly"`. */
export { ErrorCode, EventField, EventKind, Format, Handled, IoEdges, LogLevel, Method } from "./abi.generated";
export { CborWriter } from "./cbor";
export { Event } from "./event";
export { Io } from "./io";
export { Kv } from "./kv";
export { Log, fail } from "./log";
export { Clock, Self, random } from "./node";
export { Code, Reply } from "./reply";
export { Request } from "./request";
export { notify, publish } from "./resource";
export { SenmlWriter } from "./senml";
export { Timer } from "./timer";
export { Writer } from "./writer";
