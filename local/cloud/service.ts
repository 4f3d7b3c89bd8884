/**
 * The modules of the twin's cloud and what they get from it.
 *
 * A module is one AWS service, or a group of services with shared state: `<service>/module.ts` has a factory
 * `create<Service>Module(core)` that returns the operations the service serves, providers for the resource types of the
 * template, and hooks for start and stop. cloud.ts creates every module, registers its services on the one endpoint and
 * hands its providers to the template loader. Modules call each other in-process by `core.call`, as they would over HTTP;
 * what a module shares directly (instances, deliveries by EventBridge) is passed to the factories that need it.
 */
import type { CloudOptions } from '../contracts/cloud.ts';
import type { Credentials, TwinContext } from '../contracts/context.ts';
import type { CloudView } from '../contracts/views.ts';
import type { Account } from './arns.ts';
import type { EventBus } from './events/bus.ts';
import type { Caller, Input, Operation } from './operation.ts';
import type { RestBinding } from './protocols/rest.ts';
import type { ResourceProvider } from './resource.ts';

/** See the top of this file. */
export interface CloudModule {
  readonly services: readonly Service[];
  readonly providers: readonly ResourceProvider[];
  /** The module's part of what the page and the terminal show. */
  view?(): Partial<CloudView>;
  /** Called after every resource of the template has been created: starts schedules and scaling. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

export interface Service {
  /** Signing name, also the prefix of the service's IAM actions. */
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** ARNs that a call touches, for the permission check. Absent or empty: the action is checked without a resource. */
  readonly resourcesOf?: (operation: string, input: Input) => readonly string[];
  /** IAM action without its prefix where it is not the operation's own name: SendMessageBatch needs sqs:SendMessage. */
  readonly actionOf?: (operation: string) => string;
  /**
   * The permissions of an operation that needs several, or one per item, such as TransactWriteItems.
   * undefined: `actionOf` and `resourcesOf` tell.
   */
  readonly accessesOf?: (operation: string, input: Input) => readonly Access[] | undefined;
  /** Whether a call without a signature is let in: by a resource policy, or because the call carries its own proof. */
  readonly isPublic?: (operation: string, input: Input) => boolean;
  /** Only for services whose protocol puts the input into paths and headers (S3). */
  readonly rest?: RestBinding;
}

export interface Access {
  /** e.g. 'dynamodb:PutItem' */
  readonly action: string;
  readonly resource: string;
}

/** What a module may use of the rest of the cloud. */
export interface CloudCore extends Account {
  readonly context: TwinContext;
  readonly options: CloudOptions;
  readonly endpoint: string;
  /** Takes the events of AWS services for the default event bus. */
  readonly eventBus: EventBus;
  /** Credentials of a role session, as STS would issue them: Lambda functions, instances and pods get these. */
  issueCredentials(roleArn: string, sessionName: string): Credentials;
  /** Calls another service in-process as a role (null: as AWS itself). Roles are checked against their policies. */
  call(service: string, operation: string, input: object, asRoleArn: string | null): Promise<Record<string, unknown>>;
  /**
   * Checks a permission that an operation needs besides its own, such as iam:PassRole for RunInstances.
   * @throws ServiceError with the service's access-denied code
   */
  authorize(caller: Caller, action: string, resource: string): void;
  /** Role ARN of an instance profile, by the profile's name or ARN. @throws ServiceError NoSuchEntity */
  instanceProfileRole(nameOrArn: string): string;
  /** Path of an asset of the cloud assembly, by the S3 object or the image that the template refers to. */
  assetPath(bucketOrRepository: string, keyOrTag: string): string;
}
