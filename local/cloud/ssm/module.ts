import { instanceStoreOf } from '../ec2/instances.ts';
import type { CloudCore, CloudModule, Operation } from '../service.ts';
import { describeCommand, describeInvocation, describeListed } from './command.ts';
import { CommandStore } from './commands.ts';
import { DocumentStore, documentProvider } from './documents.ts';
import { describeInstanceInformation } from './instance-information.ts';
import { createParameterStore } from './parameters.ts';

/** Systems Manager: Run Command on the twin's instances, and Parameter Store. */
export function createSsmModule(core: CloudCore): CloudModule {
  const documents = new DocumentStore();
  const commands = new CommandStore(core, documents);
  const parameters = createParameterStore(core);
  const operations: Readonly<Record<string, Operation>> = {
    ...parameters.operations,

    SendCommand: async (input) => ({ Command: describeCommand(await commands.send(input)) }),

    GetCommandInvocation: async ({ CommandId, InstanceId }) => {
      const { command, invocation } = commands.required(CommandId, InstanceId);
      return describeInvocation(command, invocation);
    },

    ListCommandInvocations: async ({ CommandId, InstanceId }) => ({
      CommandInvocations: commands
        .list()
        .filter(({ commandId }) => CommandId === undefined || commandId === CommandId)
        .flatMap((command) =>
          command.invocations
            .filter(({ visible, instanceId }) => visible && (InstanceId === undefined || instanceId === InstanceId))
            .map((invocation) => describeListed(command, invocation)),
        ),
    }),

    DescribeInstanceInformation: describeInstanceInformation(() => instanceStoreOf(core).list()),
  };

  return {
    services: [
      {
        name: 'ssm',
        operations,
        // biome-ignore lint/suspicious/noExplicitAny: the operation's documented input
        resourcesOf: (operation, input: any) => {
          if (operation === 'GetParameter') return [parameters.arnOf(input.Name)];
          if (operation === 'GetParameters') return input.Names.map(parameters.arnOf);
          if (operation !== 'SendCommand') return [];
          const account = `${core.region}:${core.accountId}`;
          const instances = (input.InstanceIds ?? []).map((id: string) => `arn:aws:ec2:${account}:instance/${id}`);
          return [`arn:aws:ssm:${account}:document/${input.DocumentName}`, ...instances];
        },
      },
    ],
    providers: [documentProvider(documents), parameters.provider],
    stop: async () => commands.stop(),
  };
}
