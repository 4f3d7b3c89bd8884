/** Policy documents as data: every field that may be one value or a list becomes a list. */

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[];
  /** Principals of a resource or trust policy by kind (AWS, Service, Federated); '*' appears under AWS. */
  readonly principals: Readonly<Record<string, readonly string[]>>;
  /** Operator -> condition key -> wanted values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

type OneOrMany = string | boolean | number | readonly (string | boolean | number)[] | undefined;

interface RawStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMany;
  readonly NotAction?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly NotResource?: OneOrMany;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany>>>>;
}

/** @param document an object, or its JSON text */
export function parsePolicyDocument(document: unknown): readonly Statement[] {
  const parsed = (typeof document === 'string' ? JSON.parse(document) : document) as {
    readonly Statement?: RawStatement | readonly RawStatement[];
  };
  return [parsed?.Statement ?? []].flat().map((statement) => parseStatement(statement as RawStatement));
}

function parseStatement(statement: RawStatement): Statement {
  const principal = statement.Principal === '*' ? { AWS: '*' } : (statement.Principal ?? {});
  return {
    effect: statement.Effect,
    actions: listOf(statement.Action),
    notActions: listOf(statement.NotAction),
    resources: listOf(statement.Resource),
    notResources: listOf(statement.NotResource),
    principals: mapValues(principal, listOf),
    conditions: mapValues(statement.Condition ?? {}, (keys) => mapValues(keys, listOf)),
  };
}

function listOf(value: OneOrMany): readonly string[] {
  return value === undefined ? [] : [value].flat().map(String);
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
