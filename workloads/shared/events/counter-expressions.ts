/**
 * DynamoDB expressions over counters. Their names are data (the labels of a model, for example), so they are passed as
 * placeholders and never become part of an expression.
 */
import type { Counters } from './event-items.ts';

/** Adds to each counter; a counter that does not exist starts at 0. */
export function addition(counters: Counters, expiresAtSeconds: number) {
  const entries = Object.entries(counters);
  const terms = entries.map((_entry, index) => `#${index} :${index}`);
  return {
    // 300 counters fit into the 4,096 bytes that an expression may have.
    UpdateExpression: `SET expiresAtSeconds=:e ADD ${terms.join(',')}`,
    ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#${index}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(entries.map(([, value], index) => [`:${index}`, value])),
      ':e': expiresAtSeconds,
    },
  };
}

/** Holds while each of these counters still has this value; for none: while the item does not exist. Takes up to 150 counters. */
export function unchanged(counters: Counters) {
  const entries = Object.entries(counters);
  if (entries.length === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: entries.map((_entry, index) => `#${index} = :${index}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#${index}`, name])),
    ExpressionAttributeValues: Object.fromEntries(entries.map(([, value], index) => [`:${index}`, value])),
  };
}
