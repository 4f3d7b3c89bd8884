/** Messages between the Lambda service (parent process) and the bootstrap (child process), over Node's IPC channel. */

export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  readonly functionArn: string;
  /** Milliseconds since 1970 at which the process is killed. */
  readonly deadline: number;
  /** How far the twin's clock is ahead of this machine's. */
  readonly clockAheadSeconds: number;
  /** JSON text */
  readonly payload: string;
}

/** The payload of a failed invocation. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export interface FunctionErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type BootstrapMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'failed-init'; readonly error: FunctionErrorPayload }
  | { readonly type: 'result'; readonly requestId: string; readonly payload: string }
  | { readonly type: 'error'; readonly requestId: string; readonly error: FunctionErrorPayload };
