/** Resources of the template: each provider declares the properties of its CloudFormation type. */
import { z } from 'zod';

export interface TemplateResource<Properties = unknown> {
  readonly logicalId: string;
  /** e.g. 'AWS::SQS::Queue' */
  readonly type: string;
  /** Every intrinsic function and dynamic reference is resolved. */
  readonly properties: Properties;
}

/** What Ref and Fn::GetAtt of a created resource return. */
export interface CreatedResource {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Creates the resources of one CloudFormation type. */
export interface ResourceProvider {
  readonly type: string;
  create(resource: TemplateResource): Promise<CreatedResource> | CreatedResource;
}

/** A property has a value that the twin cannot create the resource with. */
export class InvalidPropertyError extends Error {
  override readonly name = 'InvalidPropertyError';
}

/**
 * @param schema the documented properties; those that the twin has no use for are left out
 * @returns a provider whose `create` throws InvalidPropertyError when the properties do not fit the schema
 */
export function provider<Schema extends z.ZodType>(
  type: string,
  schema: Schema,
  create: (resource: TemplateResource<z.output<Schema>>) => Promise<CreatedResource> | CreatedResource,
): ResourceProvider {
  return {
    type,
    create({ properties, ...resource }) {
      const parsed = schema.safeParse(properties);
      if (!parsed.success) throw new InvalidPropertyError(describe(parsed.error));
      return create({ ...resource, properties: parsed.data });
    },
  };
}

/** e.g. 'Code.S3Key: Invalid input: expected string, received undefined' */
function describe({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

/** CloudFormation takes numbers and booleans also as text. */
export const templateNumber = z.coerce.number();
export const templateBoolean = z.union([z.boolean(), z.stringbool()]);

/** For properties that hold a document: an object, or its JSON text. */
export function jsonDocument<Schema extends z.ZodType>(schema: Schema) {
  const text = z.string().transform((value, context): unknown => {
    try {
      return JSON.parse(value);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  });
  return z.union([text.pipe(schema), schema]);
}

/** [{ Key, Value }] */
export const templateTags = z.array(z.object({ Key: z.string(), Value: z.coerce.string().default('') })).default([]);
