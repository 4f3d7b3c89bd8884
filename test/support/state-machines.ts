import type { FakeCloud } from './fake-cloud.ts';

export const roleArn = 'arn:aws:iam::123456789012:role/machine';

/** Creates a state machine as CloudFormation would. @returns its ARN */
export async function createMachine(cloud: FakeCloud, name: string, definition: object): Promise<string> {
  const { ref } = await cloud.create('AWS::StepFunctions::StateMachine', name, {
    StateMachineName: name,
    RoleArn: roleArn,
    DefinitionString: JSON.stringify(definition),
  });
  return ref;
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
}

/** Replaces Lambda by functions of the test. Each gets the parsed payload; what it throws becomes the function's error. */
export function stubFunctions(
  cloud: FakeCloud,
  functions: Readonly<Record<string, (input: Record<string, string>) => unknown>>,
): void {
  cloud.stub('lambda', 'Invoke', async ({ FunctionName, Payload }) => {
    try {
      const result = await functions[String(FunctionName).split(':').at(-1)!]!(JSON.parse(String(Payload)));
      return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: JSON.stringify(result) ?? 'null' };
    } catch (error) {
      const { name, message } = error as Error;
      const Payload = JSON.stringify({ errorType: name, errorMessage: message, trace: [] });
      return { StatusCode: 200, FunctionError: 'Unhandled', Payload };
    }
  });
}

export function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
