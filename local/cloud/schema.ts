/** Members of inputs that protocols write in more than one way. */
import { z } from 'zod';

/** The query protocols send an empty list as an empty string. */
export function queryList<Element extends z.ZodType>(element: Element) {
  return z.preprocess((value) => (Array.isArray(value) ? value : []), z.array(element));
}

/** The query protocols send numbers and booleans as text. */
export const queryNumber = z.coerce.number();
export const queryBoolean = z.union([z.boolean(), z.stringbool()]);

/** AWS's JSON protocols carry timestamps as seconds since 1970. */
export const epochSeconds = z.number().transform((seconds) => new Date(seconds * 1000));
