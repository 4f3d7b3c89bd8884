import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, type ILayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import { acknowledgeWildcard } from './nag.ts';
import type { Registry } from './registry.ts';

/** What all functions of the stack have in common. */
export interface FunctionDefaults {
  readonly config: ClusterConfig;
  /** Folder of the bundles: `<folder>/<name>/handler.mjs`. */
  readonly bundles: string;
  /** Each function registers itself here, for the state machines and rules that use it. */
  readonly registry: Registry;
}

export interface TaskFunctionProps extends FunctionDefaults {
  /** Name of the folder in lambdas/. */
  readonly name: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  /** @default 256 */
  readonly memoryMegabytes?: number;
  /** @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Its permissions, beside writing its log. @default none */
  readonly statements?: readonly PolicyStatement[];
  /** From where it reaches the Kubernetes API. @default none: it runs outside of the VPC */
  readonly network?: { readonly vpc: IVpc; readonly securityGroup: ISecurityGroup };
  /** @default none */
  readonly layers?: ILayerVersion[];
}

/** Cold start and queueing come on top of a function's own timeout: a task that waits for it must wait longer. */
const taskMarginSeconds = 10;

/** A Lambda function of lambdas/<name>, with its own role and its own log group. */
export class TaskFunction extends Construct {
  readonly function: NodejsFunction;

  constructor(scope: Construct, id: string, props: TaskFunctionProps) {
    super(scope, id);
    const functionName = `${props.config.clusterName}-${props.name}`;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: props.config.retention.logsDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      description: `Lambda function ${functionName}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'Log',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    for (const statement of props.statements ?? []) role.addToPolicy(statement);
    if (props.network !== undefined) this.#allowNetworkInterfaces(role);

    this.function = new NodejsFunction(this, 'Resource', {
      functionName,
      description: props.description,
      code: Code.fromAsset(join(props.bundles, props.name)),
      handler: 'handler.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.X86_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMegabytes ?? 256,
      environment: { POWERTOOLS_SERVICE_NAME: props.name, ...props.environment },
      awsSdkConnectionReuse: false, // a switch of the retired SDK version 2
      role,
      logGroup,
      ...(props.layers === undefined ? {} : { layers: props.layers }),
      ...(props.network === undefined
        ? {}
        : {
            vpc: props.network.vpc,
            vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
            securityGroups: [props.network.securityGroup],
          }),
    });
    props.registry.addFunction(props.name, {
      resource: this.function,
      timeoutSeconds: props.timeoutSeconds + taskMarginSeconds,
    });
  }

  #allowNetworkInterfaces(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({
        sid: 'NetworkInterfaces',
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    );
    acknowledgeWildcard(
      this,
      '*',
      'Lambda places the network interfaces of a function in a VPC and checks for these actions on all resources, before any interface exists.',
    );
  }
}
