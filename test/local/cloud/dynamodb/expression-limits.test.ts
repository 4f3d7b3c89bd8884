import { describe, expect, it } from 'vitest';
import { checkExpressions } from '#local/cloud/dynamodb/expression-limits.ts';

const terms = (count: number, term: (index: number) => string, between: string) =>
  Array.from({ length: count }, (_, index) => term(index)).join(between);

describe('limits of DynamoDB expressions', () => {
  it.each([
    { name: 'an expression of 4,096 bytes', input: { UpdateExpression: 'x'.repeat(4_096) } },
    { name: 'an ADD of 301 numbers', input: { UpdateExpression: `ADD ${terms(301, (i) => `#${i} :n`, ', ')}` } },
    { name: 'a condition of 300 operators', input: { ConditionExpression: terms(150, () => '#a = :a', ' AND ') } },
  ])('$name is taken', ({ input }) => {
    expect(() => checkExpressions(input)).not.toThrow();
  });

  it.each([
    { name: 'an expression of 4,097 bytes', input: { UpdateExpression: 'x'.repeat(4_097) }, text: 'size: 4097' },
    {
      name: 'a condition of 301 operators',
      input: { ConditionExpression: terms(151, () => '#a = :a', ' AND ') },
      text: 'functions: 301',
    },
  ])('$name is refused as DynamoDB refuses it', ({ input, text }) => {
    expect(() => checkExpressions(input)).toThrow(text);
  });
});
