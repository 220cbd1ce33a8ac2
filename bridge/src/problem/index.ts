/** User-visible errors: RFC 9290 problem details on CoAP, RFC 9457 on HTTP, one error class here. */
export * from './details.ts';
export * from './error.ts';
