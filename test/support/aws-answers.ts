import { SSMClient } from '@aws-sdk/client-ssm';
import { vi } from 'vitest';

/** The class that every AWS SDK client extends. */
const clientPrototype: { send: (command: SdkCommand, options?: object) => Promise<object> } = Object.getPrototypeOf(
  SSMClient.prototype,
);

interface SdkCommand {
  readonly constructor: { readonly name: string };
  readonly input: CommandInput;
}

/** A command's input; each test knows its shape. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the operation's own
export type CommandInput = any;

export interface SentCommand {
  readonly operation: string;
  readonly input: CommandInput;
}

export type AwsResponse = object | ((input: CommandInput) => object | Promise<object>);

/** Sends the operation to the endpoint in the environment instead. */
export const passThrough = Symbol('pass through');

/**
 * Responds to every AWS SDK client in place of the network, by operation name such as 'SendCommand'. What a response
 * function throws, the call throws. An operation without a response fails the test.
 * @returns the commands sent so far
 */
export function answerAws(responses: Readonly<Record<string, AwsResponse | typeof passThrough>>): SentCommand[] {
  const sent: SentCommand[] = [];
  const original = clientPrototype.send;
  vi.spyOn(clientPrototype, 'send').mockImplementation(async function (this: unknown, command, options) {
    const operation = command.constructor.name.replace(/Command$/, '');
    sent.push({ operation, input: command.input });
    const response = responses[operation];
    if (response === undefined) throw new Error(`the test has no response for ${operation}`);
    if (response === passThrough) return original.call(this, command, options);
    return typeof response === 'function' ? response(command.input) : (response as object);
  });
  return sent;
}

/** An error as the SDK throws it. */
export function awsError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
