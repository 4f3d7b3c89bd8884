/** Messages between a sandbox (parent) and the bootstrap in its process (child), over Node's IPC channel. */

export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  readonly functionArn: string;
  /** Epoch milliseconds at which the sandbox is killed. */
  readonly deadline: number;
  /** JSON text */
  readonly payload: string;
}

/** What AWS reports of a thrown error. */
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
