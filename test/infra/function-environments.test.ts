import { expect, it } from 'vitest';
import { clusterTemplate, type Resource, resourcesOf } from '#support/infra.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: all variables of a function together. */
const maxBytes = 4096;
/** As long as a cluster's name can be. */
const maxName = 'a-cluster-with-the-longest-nam';
const longRegion = 'ap-southeast-2';
const account = '111122223333';

const template = clusterTemplate({
  clusterName: maxName,
  region: longRegion,
  bot: { domain: `${'a'.repeat(60)}.example.com`, plan: 'plus', picturesPerMinute: 600 },
});
const resources = template.toJSON()['Resources'] as Readonly<Record<string, Resource>>;

type Value = string | { readonly [intrinsic: string]: never };

/** A text at least as long as what CloudFormation fills in. */
function render(value: Value): string {
  if (typeof value === 'string') return value;
  const [[intrinsic, operand] = []] = Object.entries(value);
  if (intrinsic === 'Fn::Join') {
    const [separator, parts] = operand as unknown as [string, readonly Value[]];
    return parts.map(render).join(separator);
  }
  if (intrinsic === 'Fn::Sub') return String(operand).replace(/\$\{[^}]+\}/g, account);
  const id = String(intrinsic === 'Fn::GetAtt' ? (operand as unknown as readonly string[])[0] : operand);
  const { Type = '', Properties } = resources[id] ?? {};
  if (intrinsic === 'Fn::GetAtt') return `arn:aws:some:${longRegion}:${account}:kind/${'x'.repeat(64)}`;
  if (Type === 'AWS::SQS::Queue') return `https://sqs.${longRegion}.amazonaws.com/${account}/${Properties.QueueName}`;
  return Properties?.TableName ?? Properties?.Name ?? (id.startsWith('AWS::') ? longRegion : 'x'.repeat(64));
}

it.each(Object.values(resourcesOf(template, 'AWS::Lambda::Function')).map(({ Properties }) => Properties))(
  'the environment of $FunctionName is below 4 KB, also with the longest names',
  ({ Environment }) => {
    const variables = Object.entries<Value>(Environment?.Variables ?? {});
    const bytes = variables.reduce((sum, [name, value]) => sum + name.length + render(value).length, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(maxBytes);
  },
);
