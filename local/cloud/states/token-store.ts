import { randomBytes } from 'node:crypto';
import { ServiceError } from '../service-error.ts';
import { TaskError, timeoutError } from './task-error.ts';

/** A task that waits for a callback with its token. */
export interface Callback {
  readonly token: string;
  readonly machineArn: string;
  /** Settles by SendTaskSuccess, or rejects by SendTaskFailure or a missed heartbeat. */
  readonly result: Promise<unknown>;
  /** Ends the wait: later callbacks with the token fail with TaskTimedOut. */
  close(): void;
}

interface OpenCallback {
  readonly machineArn: string;
  readonly succeed: (output: unknown) => void;
  readonly fail: (error: Error) => void;
  readonly recordHeartbeat: () => void;
}

const tokenBytes = 192;
const tokenPattern = /^[A-Za-z0-9+/]{256}$/;

/** The task tokens of one cloud. */
export class TokenStore {
  readonly #open = new Map<string, OpenCallback>();
  readonly #closed = new Set<string>();

  create(): string {
    return randomBytes(tokenBytes).toString('base64');
  }

  /** @param heartbeatSeconds real seconds between two calls of SendTaskHeartbeat; undefined: none is expected */
  open(token: string, machineArn: string, heartbeatSeconds: number | undefined): Callback {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // It may reject after the task has ended for another reason, when nobody awaits it.
    promise.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const recordHeartbeat = () => {
      clearTimeout(timer);
      if (heartbeatSeconds === undefined) return;
      timer = setTimeout(() => fail(timeoutError()), heartbeatSeconds * 1000);
    };
    const close = () => {
      clearTimeout(timer);
      this.#open.delete(token);
      this.#closed.add(token);
    };
    const fail = (error: Error) => {
      close();
      reject(error);
    };
    const succeed = (output: unknown) => {
      close();
      resolve(output);
    };
    this.#open.set(token, { machineArn, succeed, fail, recordHeartbeat });
    recordHeartbeat();
    return { token, machineArn, result: promise, close };
  }

  machineOf(token: string): string | undefined {
    return this.#open.get(token)?.machineArn;
  }

  /** @throws ServiceError InvalidOutput, InvalidToken, TaskTimedOut, TaskDoesNotExist */
  succeed(token: string, output: string): void {
    const callback = this.#required(token);
    let value: unknown;
    try {
      value = JSON.parse(output);
    } catch {
      throw new ServiceError('InvalidOutput', `Invalid Output: 'The output must be JSON'`);
    }
    callback.succeed(value);
  }

  /** @throws ServiceError InvalidToken, TaskTimedOut, TaskDoesNotExist */
  fail(token: string, error: string | undefined, cause: string | undefined): void {
    this.#required(token).fail(new TaskError(error ?? 'States.TaskFailed', cause ?? ''));
  }

  /** @throws ServiceError InvalidToken, TaskTimedOut, TaskDoesNotExist */
  recordHeartbeat(token: string): void {
    this.#required(token).recordHeartbeat();
  }

  #required(token: string): OpenCallback {
    const callback = this.#open.get(token);
    if (callback !== undefined) return callback;
    if (this.#closed.has(token)) {
      throw new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    if (!tokenPattern.test(token)) throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
    throw new ServiceError('TaskDoesNotExist', "Task Does Not Exist: 'Provided task does not exist'");
  }
}
