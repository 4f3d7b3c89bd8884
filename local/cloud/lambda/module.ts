import { unpackLayer } from '@stepkube/tools/unpack-layer.ts';
import { z } from 'zod';
import { operation } from '../operation.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { createAsyncInvocations } from './async-invocations.ts';
import { createFunctionStore, findFunction, functionProviders, type LambdaFunction } from './function-store.ts';
import { createInvoker } from './invoker.ts';
import { authorizedFunction, type ServiceInvocation } from './service-invocations.ts';

export interface LambdaModule extends CloudModule {
  /**
   * Invokes a function asynchronously for an AWS service.
   * @returns settles when the first attempt has ended, however it ended; never rejects
   * @throws ServiceError ResourceNotFoundException, AccessDeniedException (no AWS::Lambda::Permission allows it)
   */
  invokeForService(invocation: ServiceInvocation): { readonly firstAttempt: Promise<void> };
}

const requiredNodeMajor = '24';

/** JSON text, or its bytes; an empty payload is the event {}. */
const payloadText = z
  .union([z.string(), z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString('utf8'))])
  .default('')
  .transform((text) => text || '{}');

const invokeInput = z.object({
  FunctionName: z.string(),
  InvocationType: z.enum(['RequestResponse', 'Event', 'DryRun']).default('RequestResponse'),
  Payload: payloadText,
});

/** Lambda: the template's functions as processes of this machine's Node 24. */
export function createLambdaModule(core: CloudCore): LambdaModule {
  if (process.versions.node.split('.')[0] !== requiredNodeMajor) {
    throw new Error(`Lambda functions need Node ${requiredNodeMajor}; this is ${process.versions.node}: run it by npm`);
  }
  const store = createFunctionStore();
  const invoker = createInvoker(core, store);
  const asyncInvocations = createAsyncInvocations(core, store, invoker);

  function required(nameOrArn: string): LambdaFunction {
    const lambda = findFunction(store, nameOrArn);
    if (lambda === undefined) {
      throw new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
    }
    return lambda;
  }

  const invoke = operation(invokeInput, async ({ FunctionName, InvocationType, Payload }) => {
    const lambda = required(FunctionName);
    if (InvocationType === 'DryRun') return { StatusCode: 204 };
    if (InvocationType === 'Event') {
      void asyncInvocations.add(lambda, Payload);
      return { StatusCode: 202 };
    }
    const outcome = await invoker.invoke(lambda, Payload);
    const output = { StatusCode: 200, ExecutedVersion: '$LATEST' };
    if ('payload' in outcome) return { ...output, Payload: outcome.payload };
    return { ...output, FunctionError: outcome.functionError, Payload: JSON.stringify(outcome.error) };
  });

  /** In the background while the cluster is being built: the only function with a layer runs at the end. */
  function unpackLayers(): void {
    const zipFiles = [...store.functions.values()].flatMap(({ layerArns }) =>
      layerArns.map((arn) => store.layers.get(arn)),
    );
    for (const zipFile of new Set(zipFiles.filter((file) => file !== undefined))) {
      unpackLayer(zipFile).catch((error: Error) => core.context.log('lambda', `layer ${zipFile}: ${error.message}`));
    }
  }

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
      unpackLayers();
    },
    async stop() {
      asyncInvocations.stop();
      await invoker.stop();
    },
    invokeForService: (invocation) => ({
      firstAttempt: asyncInvocations.add(authorizedFunction(store, invocation), invocation.payload),
    }),
  };
}
