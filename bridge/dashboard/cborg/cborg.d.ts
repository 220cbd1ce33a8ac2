/** The CBOR library; the bridge serves its modules below this folder. */
export { decode, decodeFirst } from 'cborg';
