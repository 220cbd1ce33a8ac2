/** Generated tables: the runtime interface, document fields, user-visible errors. */
export * from './abi.generated.ts';
export * from './errors.generated.ts';
export * from './fields.generated.ts';
