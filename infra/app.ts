import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { ClusterStack } from './cluster-stack.ts';
import type { ClusterConfig } from './config.ts';
import { bundleLambdas } from './lib/lambda-code.ts';

export interface Synthesis {
  readonly stackName: string;
  readonly assemblyFolder: string;
  readonly templateFile: string;
  readonly template: Template;
}

/** The parts of a CloudFormation template that its readers use. */
export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface SynthesizeOptions {
  /** Checks every property against CloudFormation's own schemas, which takes seconds. @default false */
  readonly validateTemplate?: boolean;
  /** Called with the construct tree before synthesis, e.g. to add validation plugins. */
  readonly prepare?: (app: App) => void;
}

/**
 * Writes the cloud assembly of a cluster (template and assets) into a folder. Needs no AWS account, network or Docker.
 * @throws an Error that names the file or construct that is wrong
 */
export function synthesize(config: ClusterConfig, assemblyFolder: string, options: SynthesizeOptions = {}): Synthesis {
  const bundles = mkdtempSync(join(tmpdir(), 'stepkube-bundles-'));
  try {
    bundleLambdas(bundles);
    const app = new App({
      outdir: assemblyFolder,
      analyticsReporting: false,
      treeMetadata: false,
      builtinCloudFormationValidation: options.validateTemplate ?? false,
    });
    new ClusterStack(app, config.clusterName, {
      config,
      bundles,
      // A region but no account: nothing is looked up, and the template fits every account.
      env: { region: config.region },
      description: `stepkube: self-managed Kubernetes cluster ${config.clusterName}`,
    });
    options.prepare?.(app);
    const stack = app.synth().getStackByName(config.clusterName);
    return {
      stackName: stack.stackName,
      assemblyFolder,
      templateFile: stack.templateFullPath,
      template: stack.template as Template,
    };
  } finally {
    rmSync(bundles, { recursive: true });
  }
}
