import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { logger, task } from '#lambdas/shared/task.ts';
import { errorOf, lambdaContext } from '#support/invoke-lambda.ts';

/** The logger writes to standard error. */
const quiet = () => vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
const schema = z.strictObject({ name: z.string(), taskToken: z.string().max(3).optional() });

describe('task', () => {
  afterEach(() => vi.restoreAllMocks());

  it('task passes the parsed input on and returns the result', async () => {
    const handler = task(schema, async ({ name }) => ({ hello: name }));
    expect(await handler({ name: 'Ada' }, lambdaContext())).toEqual({ hello: 'Ada' });
  });

  it('task refuses an invalid input, naming the fields without their values', async () => {
    quiet();
    const handler = task(schema, async () => 'done');
    const error = await errorOf(handler({ name: 1, taskToken: 'planted-secret', extra: 'planted' }, lambdaContext()));
    expect(error.name).toBe('InvalidInputError');
    expect(error.message).toMatch(/name.*taskToken|taskToken.*name/);
    expect(error.message).toContain('extra');
    expect(error.message).not.toContain('planted');
  });

  it('task passes errors on unchanged and logs neither input nor cause', async () => {
    logger.setLogLevel('ERROR'); // other tests silence the logger, and modules are shared between test files
    const logged = quiet();
    const thrown = new Error('what is wrong', { cause: new Error('planted-secret-cause') });
    const handler = task(schema, async () => {
      throw thrown;
    });
    expect(await errorOf(handler({ name: 'planted-name' }, lambdaContext()))).toBe(thrown);
    const lines = logged.mock.calls.flat().join('\n');
    expect(lines).toContain('what is wrong');
    expect(lines).not.toContain('planted');
  });

  it.each([
    { what: 'a throttled call', error: { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } } },
    { what: "EC2's own throttling", error: { name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 503 } } },
    { what: 'a failure of the service', error: { name: 'InternalServerError', $metadata: { httpStatusCode: 500 } } },
    { what: 'silence', error: { name: 'TimeoutError' } },
    { what: 'a broken connection', error: { name: 'Error', code: 'ECONNRESET' } },
  ])('task turns $what into AwsUnavailableError, which the state machines retry', async ({ error }) => {
    quiet();
    const thrown = Object.assign(new Error('what is wrong'), error);
    const handler = task(schema, () => Promise.reject(thrown));
    const { name, message } = await errorOf(handler({ name: 'Ada' }, lambdaContext()));
    expect(name).toBe('AwsUnavailableError');
    expect(message).toContain('what is wrong');
    expect(message).toContain(error.code ?? error.name);
  });

  it.each([
    { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } },
    { name: 'ValidationError', $metadata: { httpStatusCode: 400 } },
    { name: 'NodesNotReadyError' },
  ])('task passes $name on unchanged', async (error) => {
    quiet();
    const thrown = Object.assign(new Error('no'), error);
    const handler = task(schema, () => Promise.reject(thrown));
    expect(await errorOf(handler({ name: 'Ada' }, lambdaContext()))).toBe(thrown);
  });

  it("task aborts the work and throws DeadlineExceededError before the function's timeout", async () => {
    quiet();
    let aborted = false;
    const handler = task(
      schema,
      (_input, { signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
    );
    const error = await errorOf(handler({ name: 'Ada' }, lambdaContext(0.55)));
    expect(error.name).toBe('DeadlineExceededError');
    expect(aborted).toBe(true);
  });
});
