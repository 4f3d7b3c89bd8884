import { unpackLayer } from '@stepkube/tools/unpack-layer.ts';
import type { CloudCore, CloudModule, Operation } from '../service.ts';
import { ServiceError } from '../service.ts';
import { createAsyncInvocations } from './async-invocations.ts';
import { createFunctionStore, findFunction, functionProviders, type LambdaFunction } from './functions.ts';
import { createInvoker } from './invoker.ts';
import { acceptServiceInvocations } from './service-invocations.ts';

const wantedNode = '24';

/** Lambda: the template's functions as processes of this machine's Node 24. */
export function createLambdaModule(core: CloudCore): CloudModule {
  if (process.versions.node.split('.')[0] !== wantedNode) {
    throw new Error(`Lambda functions need Node ${wantedNode}; this is ${process.versions.node}: run it by npm`);
  }
  const store = createFunctionStore();
  const invoker = createInvoker(core, store);
  const asyncInvocations = createAsyncInvocations(core, store, invoker);
  acceptServiceInvocations(core, { store, invoke: asyncInvocations.add });

  function required(nameOrArn: string): LambdaFunction {
    const lambda = findFunction(store, nameOrArn);
    if (lambda === undefined) {
      throw new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
    }
    return lambda;
  }

  /** Input: FunctionName, InvocationType, Payload (JSON text). Result: StatusCode, ExecutedVersion, Payload, FunctionError. */
  const invoke: Operation = async (input) => {
    const lambda = required(input.FunctionName);
    const payload = textOf(input.Payload);
    if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
    if (input.InvocationType === 'Event') {
      void asyncInvocations.add(lambda, payload);
      return { StatusCode: 202 };
    }
    const outcome = await invoker.invoke(lambda, payload);
    const answer = { StatusCode: 200, ExecutedVersion: '$LATEST' };
    if ('payload' in outcome) return { ...answer, Payload: outcome.payload };
    return { ...answer, FunctionError: outcome.functionError, Payload: JSON.stringify(outcome.error) };
  };

  return {
    services: [
      {
        name: 'lambda',
        operations: { Invoke: invoke },
        actionOf: () => 'InvokeFunction',
        resourcesOf: (_operation, input) => [required(String(input['FunctionName'])).arn],
      },
    ],
    providers: functionProviders(core, store),
    async start() {
      // Unpacked while the cluster is being built: the function that needs the layer runs last.
      const zips = [...store.functions.values()].flatMap(({ layerArns }) =>
        layerArns.map((arn) => store.layers.get(arn)),
      );
      for (const zip of new Set(zips.filter((zip) => zip !== undefined))) {
        unpackLayer(zip).catch((error: Error) => core.context.log('lambda', `layer ${zip}: ${error.message}`));
      }
    },
    async stop() {
      asyncInvocations.stop();
      await invoker.stop();
    },
  };
}

function textOf(payload: unknown): string {
  if (payload instanceof Uint8Array) return Buffer.from(payload).toString('utf8') || '{}';
  return typeof payload === 'string' && payload !== '' ? payload : '{}';
}
