/** A whole bridge in one call, and the record by which commands find it. */

export { type BridgeRecord, readBridgeRecord } from '../process/index.ts';
export type { SerialBoard, UdpBoard } from './boards.ts';
export * from './bridge.ts';
export { type HttpServer, type HttpServerOptions, openHttpServer } from './http-server.ts';
