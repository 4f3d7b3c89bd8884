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

/** A command's input, loosely: each test knows what it sent. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the operation's own
export type CommandInput = any;

export interface SentCommand {
  readonly operation: string;
  readonly input: CommandInput;
}

export type Answer = object | ((input: CommandInput) => object | Promise<object>);

/** The operation goes out to the endpoint in the environment. */
export const passThrough = Symbol('pass through');

/**
 * Answers every AWS SDK client in place of the network, by operation name such as 'SendCommand'; what an answer throws,
 * the call throws. An operation without an answer fails the test.
 * @returns the commands sent so far
 */
export function answerAws(answers: Readonly<Record<string, Answer | typeof passThrough>>): SentCommand[] {
  const sent: SentCommand[] = [];
  const original = clientPrototype.send;
  vi.spyOn(clientPrototype, 'send').mockImplementation(async function (this: unknown, command, options) {
    const operation = command.constructor.name.replace(/Command$/, '');
    sent.push({ operation, input: command.input });
    const answer = answers[operation];
    if (answer === undefined) throw new Error(`the test has no answer for ${operation}`);
    if (answer === passThrough) return original.call(this, command, options);
    return typeof answer === 'function' ? answer(command.input) : (answer as object);
  });
  return sent;
}

/** An error as the SDK throws it. */
export function awsError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
