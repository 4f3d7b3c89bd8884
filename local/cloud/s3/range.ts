import { ServiceError } from '../service-error.ts';

/**
 * Reads a Range header: `bytes=a-b`, `bytes=a-` or `bytes=-n`.
 * @returns positions of the first and the last byte; undefined: the whole object
 * @throws ServiceError InvalidRange
 */
export function rangeOf(range: string | undefined, size: number): { first: number; last: number } | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(range ?? '');
  // A range that is not understood is ignored: https://www.rfc-editor.org/rfc/rfc9110#field.range
  if (parts === null || (parts[1] === '' && parts[2] === '')) return undefined;
  const [, from, to] = parts;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { first, last };
}
