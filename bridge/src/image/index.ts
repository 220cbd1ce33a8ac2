/** Manifests, signatures, images and provisioning records. Pure: digests and signatures come in as functions. */
export * from './cose.ts';
export * from './image.ts';
export * from './manifest.ts';
export { decodeManifest, encodeManifest } from './manifest-codec.ts';
export * from './pool-bytes.ts';
export * from './provisioning.ts';
export * from './signed-manifest.ts';
