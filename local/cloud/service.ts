/** The seam between the wire front, the template loader and the services of the twin's cloud. */
import type { CloudOptions } from '../contracts/cloud.ts';
import type { Credentials, TwinContext } from '../contracts/context.ts';
import type { CloudView } from '../contracts/views.ts';

/** Who calls: the principal behind the request's access key. */
export interface Caller {
  readonly accessKeyId: string;
  /** 'operator' may do everything; a role is checked against its policies in the template. */
  readonly principal:
    | { readonly kind: 'operator' }
    | { readonly kind: 'role'; readonly roleArn: string; readonly sessionName: string }
    /** No signature: only what a resource policy opens to everyone, and AssumeRoleWithWebIdentity. */
    | { readonly kind: 'anonymous' };
}

/** One call, after the wire protocol has been undone. */
export interface ServiceRequest {
  /** SigV4 signing name: 'sqs', 's3', 'ssm', 'ec2', 'autoscaling', 'states', 'events', 'lambda', ... */
  readonly service: string;
  readonly operation: string;
  readonly caller: Caller;
  /** Aborted when the caller hangs up, for operations that wait (long polling). Absent for in-process calls. */
  readonly signal?: AbortSignal;
}

/**
 * JSON protocols: `input` and the result are the documented JSON. Query protocols (EC2, Auto Scaling, STS): `input` has
 * the documented member names with numbered lists turned into arrays, and the result is an object with the documented
 * XML element names (EC2: `reservationSet: [...]` becomes <reservationSet><item>...; others: <member>).
 */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the operation's own, parsed by the operation
export type Operation = (input: any, request: ServiceRequest) => Promise<object>;

export interface Service {
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** ARNs an operation touches, for the policy check; absent or empty: the action is checked against any resource. */
  readonly resourcesOf?: (operation: string, input: Readonly<Record<string, unknown>>) => readonly string[];
  /** IAM action without its prefix where it is not the operation's own name: SendMessageBatch is sqs:SendMessage. */
  readonly actionOf?: (operation: string) => string;
  /** For operations that need several permissions, or one per item: instead of `actionOf` and `resourcesOf` where it answers. */
  readonly accessesOf?: (
    operation: string,
    input: Readonly<Record<string, unknown>>,
  ) => readonly { readonly action: string; readonly resource: string }[] | undefined;
  /** Operations open to callers without a signature, by a resource policy or because they bring their own proof. */
  readonly isPublic?: (operation: string, input: Readonly<Record<string, unknown>>) => boolean;
  /** Only for services whose protocol puts the input into paths and headers (S3). */
  readonly rest?: RestBinding;
}

/** A plain HTTP request of a REST service, body read and any aws-chunked encoding undone. */
export interface RestRequest {
  readonly method: string;
  /** Decoded path, with the bucket first also for virtual-host style requests. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RestReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** Between HTTP and the operations of a REST service. */
export interface RestBinding {
  parse(request: RestRequest): { readonly operation: string; readonly input: Readonly<Record<string, unknown>> };
  reply(operation: string, output: Readonly<Record<string, unknown>>): RestReply;
  replyError(error: ServiceError, requestId: string): RestReply;
}

/** An error that goes over the wire with its documented code. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members of the error's documented shape besides its message. JSON protocols carry them. */
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  /** Properties with every intrinsic resolved. */
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties, read by the provider of the type
  readonly properties: any;
}

/** What Ref and Fn::GetAtt of a created resource answer. */
export interface CreatedResource {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Creates resources of one CloudFormation type. */
export interface ResourceProvider {
  readonly type: string;
  create(resource: TemplateResource): Promise<CreatedResource> | CreatedResource;
}

/** One part of the cloud: services to serve, resource types to create. */
export interface CloudModule {
  readonly services: readonly Service[];
  readonly providers: readonly ResourceProvider[];
  /** This module's part of what the page and the terminal show. */
  view?(): Partial<CloudView>;
  /** After every resource of the template exists: start schedules, consumers. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

/** What a module may use of the rest of the cloud. */
export interface CloudCore {
  readonly context: TwinContext;
  readonly options: CloudOptions;
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** Credentials for a role session, as STS would issue them: Lambda functions, instances and pods get these. */
  issueCredentials(roleArn: string, sessionName: string): Credentials;
  /** Calls another service in-process as a role (null: as AWS itself). The policy check applies to roles. */
  call(service: string, operation: string, input: object, asRoleArn: string | null): Promise<Record<string, unknown>>;
  /**
   * Checks a permission that an operation needs besides its own, such as iam:PassRole for RunInstances.
   * @throws ServiceError with the service's access-denied code
   */
  authorize(caller: Caller, action: string, resource: string): void;
  /** Role ARN of an instance profile, by its name or ARN. @throws ServiceError NoSuchEntity */
  instanceProfileRole(nameOrArn: string): string;
  /** Appends to a log group's stream: a file under the twin's `logs` folder. Never pass secrets. */
  appendLog(logGroupName: string, logStreamName: string, text: string): void;
  /** Folder of an asset file or directory of the cloud assembly, by the S3 key or the image tag used in the template. */
  assetPath(bucketOrRepository: string, keyOrTag: string): string;
}
