/** DynamoDB expressions over counters. Their names are data (the labels of a model, say): they go through placeholders. */
import type { Counters } from './event-items.ts';

/** Adds to each counter; one that is not there begins at 0. */
export function addition(counters: Counters, expiresAtSeconds: number) {
  const { names, values, terms } = placeholders(counters, (name, value) => `${name} ${value}`);
  return {
    UpdateExpression: `SET expiresAtSeconds = :expiry ADD ${terms.join(', ')}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ...values, ':expiry': expiresAtSeconds },
  };
}

/** Holds while each counter is as it was; for none: while there is no item. */
export function unchanged(counters: Counters) {
  const { names, values, terms } = placeholders(counters, (name, value) => `${name} = ${value}`);
  if (terms.length === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: terms.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

function placeholders(counters: Counters, termOf: (name: string, value: string) => string) {
  const entries = Object.entries(counters);
  return {
    names: Object.fromEntries(entries.map(([name], index) => [`#c${index}`, name])),
    values: Object.fromEntries(entries.map(([, value], index) => [`:c${index}`, value])),
    terms: entries.map((_entry, index) => termOf(`#c${index}`, `:c${index}`)),
  };
}
