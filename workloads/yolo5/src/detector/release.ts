import type { ModelOutput } from './model.ts';

/**
 * Gives an array's memory back at once; the array is empty afterwards. The garbage collector lets megabytes outside of
 * its heap pile up, and fresh memory costs a page fault for every 4 KiB. A part of a larger buffer stays as it is.
 */
export function release(array: Uint8Array | ModelOutput): void {
  const { buffer } = array;
  if (buffer instanceof ArrayBuffer && array.byteLength === buffer.byteLength) buffer.transfer(0);
}
