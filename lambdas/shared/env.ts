/**
 * The functions' environment reader. The services have another (workloads/shared/service/environment.ts) on purpose: theirs
 * quotes a wrong value for the person who reads a pod's log, while what a function throws ends up in the execution history,
 * where no value may appear.
 */
import { z } from 'zod';
import { InvalidEnvironmentError } from './errors.ts';

/** A required variable. */
export const text = z.string().min(1);

/** A positive number of seconds; fractions are allowed. */
export const seconds = z.coerce.number().positive();

/** A JSON document that must match `schema`. */
export const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

/**
 * Reads a function's environment. Called once, while the module loads, so that a broken deployment fails at its first cold
 * start.
 * @throws InvalidEnvironmentError naming every variable that is missing or wrong, never its value.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  source: Readonly<Record<string, string | undefined>> = process.env,
): z.output<z.ZodObject<Shape>> {
  const parsed = z.object(shape).safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const [variable = '', ...inside] = path.map(String);
    const where = inside.length > 0 ? ` at ${inside.join('.')}` : '';
    return `${variable}${where}: ${source[variable] === undefined ? 'is not set' : message}`;
  });
  throw new InvalidEnvironmentError(`environment variable ${problems.join('; ')}`);
}
