/**
 * DynamoDB expressions over counters. Their names are data (the labels of a model, for example), so they are passed as
 * placeholders and never become part of an expression.
 */
import type { Counters } from './event-items.ts';

/** Adds to each counter; a counter that does not exist starts at 0. */
export function addition(counters: Counters, expiresAtSeconds: number) {
  const { names, values, terms } = placeholders(counters, (name, value) => `${name} ${value}`);
  return {
    UpdateExpression: `SET expiresAtSeconds = :expiry ADD ${terms.join(', ')}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ...values, ':expiry': expiresAtSeconds },
  };
}

/** Holds while every counter still has this value; for no counters: while the item does not exist. */
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
