import type { ModelOutput } from './model.ts';

/**
 * Frees an array's memory at once and leaves the array empty. The garbage collector lets megabytes outside of its heap
 * accumulate, and newly allocated memory costs a page fault for every 4 KiB. A view of a larger buffer is left unchanged.
 */
export function release(array: Uint8Array | ModelOutput): void {
  const { buffer } = array;
  if (buffer instanceof ArrayBuffer && array.byteLength === buffer.byteLength) buffer.transfer(0);
}
