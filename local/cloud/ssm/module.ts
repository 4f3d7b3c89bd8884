import { z } from 'zod';
import { arnOf } from '../arns.ts';
import type { InstanceStore } from '../ec2/instance-store.ts';
import { type Input, type Operation, operation, parseInput } from '../operation.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { describeCommand, describeInvocation, describeInvocationSummary } from './command.ts';
import { CommandStore, sendCommandInput } from './command-store.ts';
import { DocumentStore, documentProvider } from './document-store.ts';
import { describeInstanceInformation } from './instance-information.ts';
import { createParameterStore, getParameterInput, getParametersInput } from './parameter-store.ts';

const getInvocationInput = z.object({ CommandId: z.string(), InstanceId: z.string() });

/** Systems Manager: Run Command on the twin's instances, and Parameter Store. */
export function createSsmModule(core: CloudCore, instances: InstanceStore): CloudModule {
  const documents = new DocumentStore();
  const commands = new CommandStore(core, documents, instances);
  const parameters = createParameterStore(core);
  const operations: Readonly<Record<string, Operation>> = {
    ...parameters.operations,

    SendCommand: operation(sendCommandInput, async (input) => ({
      Command: describeCommand(await commands.send(input)),
    })),

    GetCommandInvocation: operation(getInvocationInput, ({ CommandId, InstanceId }) => {
      const { command, invocation } = commands.required(CommandId, InstanceId);
      return describeInvocation(command, invocation);
    }),

    ListCommandInvocations: operation(getInvocationInput.partial(), ({ CommandId, InstanceId }) => ({
      CommandInvocations: commands
        .list()
        .filter(({ commandId }) => CommandId === undefined || commandId === CommandId)
        .flatMap((command) =>
          command.invocations
            .filter(({ isVisible, instanceId }) => isVisible && (InstanceId === undefined || instanceId === InstanceId))
            .map((invocation) => describeInvocationSummary(command, invocation)),
        ),
    })),

    DescribeInstanceInformation: describeInstanceInformation(() => instances.list()),
  };

  function resourcesOf(operation: string, input: Input): readonly string[] {
    switch (operation) {
      case 'GetParameter':
        return [parameters.arnOf(parseInput('ssm', getParameterInput, input).Name)];
      case 'GetParameters':
        return parseInput('ssm', getParametersInput, input).Names.map(parameters.arnOf);
      case 'SendCommand': {
        const { DocumentName, InstanceIds } = parseInput('ssm', sendCommandInput, input);
        return [
          arnOf(core, 'ssm', `document/${DocumentName}`),
          ...InstanceIds.map((id) => arnOf(core, 'ec2', `instance/${id}`)),
        ];
      }
      default:
        return [];
    }
  }

  return {
    services: [{ name: 'ssm', operations, resourcesOf }],
    providers: [documentProvider(core.options.stackName, documents), parameters.provider],
    stop: async () => commands.stop(),
  };
}
