import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { FakeQueue } from './fake-queue.ts';

type QueueName = 'jobs' | 'results' | 'downloads' | 'reminders' | 'dead-letters';

export interface FakeObject {
  readonly body: Buffer;
  readonly contentType?: string;
}

/** The operations of SQS, S3, EventBridge, Secrets Manager and STS that the services use, in their protocols on loopback. */
export class FakeAws implements AsyncDisposable {
  readonly jobs = new FakeQueue();
  readonly results = new FakeQueue();
  readonly downloads = new FakeQueue();
  readonly reminders = new FakeQueue({ delayed: true });
  /** The dead letters of all queues. */
  readonly deadLetters = new FakeQueue();
  /** Objects by `bucket/key`. */
  readonly objects = new Map<string, FakeObject>();
  readonly secrets = new Map<string, string>();
  /** Accepted entries of PutEvents, in order. */
  readonly events: { Source: string; DetailType: string; Detail: string; EventBusName: string }[] = [];
  /** The ErrorCode with which PutEvents refuses an entry; undefined: the entry is accepted. */
  refuseEvent: () => string | undefined = () => undefined;
  /** Access keys of the callers. */
  readonly callers = new Set<string>();
  /** Awaited before an object is read or written. */
  beforeObject: (method: string, key: string) => Promise<void> = async () => undefined;
  endpoint = '';
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  static async start(): Promise<FakeAws> {
    const aws = new FakeAws();
    await new Promise<void>((resolve) => aws.#server.listen(0, '127.0.0.1', resolve));
    aws.endpoint = `http://127.0.0.1:${(aws.#server.address() as AddressInfo).port}`;
    return aws;
  }

  /** The services' environment for this endpoint. */
  get environment() {
    const deadLetterQueueUrl = this.queueUrl('dead-letters');
    return {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: this.endpoint,
      EVENT_BUS_NAME: 'predictions',
      PICTURES_BUCKET: 'pictures',
      JOBS_QUEUE_URL: this.queueUrl('jobs'),
      JOBS_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
      RESULTS_QUEUE_URL: this.queueUrl('results'),
      RESULTS_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
      DOWNLOADS_QUEUE_URL: this.queueUrl('downloads'),
      DOWNLOADS_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
      REMINDERS_QUEUE_URL: this.queueUrl('reminders'),
      REMINDERS_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
    };
  }

  /** For clients in the test's own process. */
  get clientConfig() {
    return {
      region: 'us-east-1',
      endpoint: this.endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    };
  }

  queueUrl(name: QueueName): string {
    return `${this.endpoint}/000000000000/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const caller = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    if (caller !== undefined) this.callers.add(caller);
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') return this.#answerJson(target, JSON.parse(body.toString()), response);
    if (request.method === 'POST') return this.#answerSts(new URLSearchParams(body.toString()), response);
    return this.#answerS3(request, body, response);
  }

  #queueOf(url: unknown): FakeQueue {
    const name = String(url).split('/').at(-1) as QueueName;
    return name === 'dead-letters' ? this.deadLetters : this[name];
  }

  async #answerJson(target: string, input: Record<string, never>, response: ServerResponse): Promise<void> {
    const send = (output: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(output));
    const queue = this.#queueOf(input['QueueUrl']);
    switch (target) {
      case 'AmazonSQS.SendMessage': {
        queue.send(input['MessageBody']!, input['MessageAttributes'], {
          delaySeconds: Number(input['DelaySeconds'] ?? 0),
          groupId: input['MessageGroupId'],
        });
        const md5 = createHash('md5').update(String(input['MessageBody'])).digest('hex');
        return void send({ MessageId: 'sent', MD5OfMessageBody: md5 });
      }
      case 'AmazonSQS.ReceiveMessage': {
        // As SQS does, it goes on when the caller hangs up.
        return void send({ Messages: await queue.receive(Number(input['MaxNumberOfMessages'])) });
      }
      case 'AmazonSQS.DeleteMessage':
        queue.delete(input['ReceiptHandle']!);
        return void send({});
      case 'AmazonSQS.ChangeMessageVisibility':
        queue.hide(input['ReceiptHandle']!, Number(input['VisibilityTimeout']));
        return void send({});
      case 'AWSEvents.PutEvents': {
        const ErrorCode = this.refuseEvent();
        if (ErrorCode === undefined) this.events.push(...(input['Entries'] as unknown as typeof this.events));
        const entry = ErrorCode === undefined ? { EventId: 'put' } : { ErrorCode, ErrorMessage: 'planted' };
        return void send({ FailedEntryCount: ErrorCode === undefined ? 0 : 1, Entries: [entry] });
      }
      case 'secretsmanager.GetSecretValue': {
        const value = this.secrets.get(input['SecretId']!);
        if (value === undefined) return void send({ __type: 'ResourceNotFoundException', message: 'no value' }, 400);
        return void send({ SecretString: value });
      }
      default:
        return void send({ __type: 'UnknownOperationException', message: target }, 400);
    }
  }

  #answerSts(input: URLSearchParams, response: ServerResponse): void {
    const accessKeyId = `role-of-${input.get('WebIdentityToken')}`;
    const expiration = new Date(Date.now() + 3_600_000).toISOString();
    response.writeHead(200, { 'content-type': 'text/xml' }).end(
      `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>
       <AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration>
       </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    );
  }

  async #answerS3(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const key = decodeURIComponent(new URL(request.url ?? '/', this.endpoint).pathname.slice(1));
    await this.beforeObject(request.method ?? '', key);
    if (request.method === 'PUT') {
      const contentType = request.headers['content-type'];
      this.objects.set(key, { body, ...(contentType === undefined ? {} : { contentType }) });
      return void response.writeHead(200).end();
    }
    const found = this.objects.get(key);
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      return void response.end('<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>');
    }
    response.writeHead(200, { 'content-length': found.body.length }).end(found.body);
  }
}
