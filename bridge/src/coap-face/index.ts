/** The bridge as a CoAP server: docs/reference/coap.md. */
export * from './coap-face.ts';
export * from './directory-resources.ts';
export * from './multicast.ts';
