import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ClusterStack } from '#infra/cluster-stack.ts';
import { type ClusterConfig, type ClusterConfigInput, parseConfig } from '#infra/config.ts';
import { functionNames } from '#infra/lib/lambda-code.ts';
import type { Definition } from './run-asl.ts';

type Overrides = { readonly [Section in keyof ClusterConfigInput]?: Partial<ClusterConfigInput[Section]> };

/** A valid configuration with other values than the shipped one, so that a value hard-coded in infra fails a test. */
export function configInput(overrides: Overrides = {}): ClusterConfigInput {
  return {
    clusterName: overrides.clusterName ?? 'shapes',
    region: overrides.region ?? 'eu-west-1',
    network: { vpcCidr: '10.7.0.0/16', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', ...overrides.network },
    controlPlane: { instanceType: 't3.medium', ...overrides.controlPlane },
    workers: { instanceType: 't3a.medium', min: 1, desired: 3, max: 7, ...overrides.workers },
    access: { apiCidrs: [], sshCidrs: [], ...overrides.access },
    ...(overrides.issuer && { issuer: overrides.issuer }),
    bot: { domain: 'bot.shapes.dev', ...overrides.bot },
    ...(overrides.alarms && { alarms: overrides.alarms }),
    retention: { picturesDays: 2, logsDays: 14, eventsDays: 21, ...overrides.retention },
  };
}

export function clusterConfig(overrides: Overrides = {}): ClusterConfig {
  return parseConfig(configInput(overrides));
}

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties, as deep as the resource's type says
  readonly Properties: any;
}

const templates = new Map<string, Template>();

/**
 * The template of the cluster's stack. Its functions are empty, because bundling takes time and template tests need none. The same
 * configuration is synthesized once: nobody changes a template.
 */
export function clusterTemplate(overrides: Overrides = {}): Template {
  const key = JSON.stringify(overrides);
  const template = templates.get(key) ?? synthesizeTemplate(overrides);
  templates.set(key, template);
  return template;
}

function synthesizeTemplate(overrides: Overrides): Template {
  const folder = mkdtempSync(join(tmpdir(), 'stepkube-test-infra-'));
  try {
    const bundles = join(folder, 'bundles');
    for (const name of functionNames) {
      mkdirSync(join(bundles, name), { recursive: true });
      writeFileSync(join(bundles, name, 'handler.mjs'), 'export const handler = () => {};\n');
    }
    const config = clusterConfig(overrides);
    const app = new App({
      outdir: join(folder, 'cdk.out'),
      analyticsReporting: false,
      treeMetadata: false,
      builtinCloudFormationValidation: false,
    });
    const stack = new ClusterStack(app, config.clusterName, { config, bundles, env: { region: config.region } });
    return Template.fromStack(stack);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The definition of a state machine `<cluster>-<name>`; an ARN in it is the logical id of its resource. */
export function definitionOf(template: Template, name: string): Definition {
  const { DefinitionString: text } = only(template, 'AWS::StepFunctions::StateMachine', ({ StateMachineName }) =>
    StateMachineName.endsWith(`-${name}`),
  ).Properties;
  return JSON.parse(render(text)) as Definition;
}

/** Text with intrinsic functions in it: {Ref: X} and {Fn::GetAtt: [X, ...]} become X, {Fn::Sub: text} the text. */
function render(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Sub': text,
    'Fn::Join': join,
  } = value as {
    readonly Ref?: string;
    readonly 'Fn::GetAtt'?: readonly [string, string];
    readonly 'Fn::Sub'?: string;
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  };
  const rendered = Ref ?? attribute?.[0] ?? text ?? join?.[1].map(render).join(join[0]);
  if (rendered === undefined) throw new Error(`${Object.keys(value as object)} cannot be rendered`);
  return rendered;
}

/** All resources of a type, by logical id. */
export function resourcesOf(template: Template, type: string): Readonly<Record<string, Resource>> {
  return template.findResources(type) as Record<string, Resource>;
}

/** The only resource of a type whose properties satisfy the predicate. */
export function only(
  template: Template,
  type: string,
  predicate: (properties: Resource['Properties']) => boolean,
): Resource {
  const found = Object.values(resourcesOf(template, type)).filter(({ Properties }) => predicate(Properties));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} match, expected 1`);
  return found[0]!;
}
