import { describe, expect, it } from 'vitest';
import type { MessageAttributes } from '#local/cloud/sqs/digests.ts';
import { takeFairly } from '#local/cloud/sqs/fair-order.ts';
import { checkMessage } from '#local/cloud/sqs/message-rules.ts';

const text = { DataType: 'String', StringValue: 'a' };

describe('checkMessage', () => {
  it.each(['\u0000', 'a\u0008b', '\uFFFE', '\uD800'])('a body with %j is refused as InvalidMessageContents', (body) => {
    expect(() => checkMessage(body, {})).toThrow(expect.objectContaining({ code: 'InvalidMessageContents' }));
  });

  it('tabs, line ends, umlauts and emoji are allowed', () => {
    expect(() => checkMessage('\t\r\n größe 😀 \uE000\uFFFD', { 'a-b_c.d': text })).not.toThrow();
  });

  it.each<[string, MessageAttributes, RegExp]>([
    ['eleven attributes', Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`a${n}`, text])), /\[11\] exceeds/],
    ['a reserved name', { 'AWS.trace': text }, /reserved/],
    ['a reserved name in small letters', { 'amazon.x': text }, /reserved/],
    ['a dot at the end', { 'a.': text }, /message attribute name/],
    ['two dots', { 'a..b': text }, /message attribute name/],
    ['a space in the name', { 'a b': text }, /message attribute name/],
    ['a name of 257 characters', { ['a'.repeat(257)]: text }, /Length/],
    ['an unknown type', { a: { DataType: 'Text', StringValue: 'a' } }, /supported type prefixes/],
    ['an empty value', { a: { DataType: 'String', StringValue: '' } }, /non-empty value of type 'String'/],
    ['a binary value as text', { a: { DataType: 'Binary', StringValue: 'a' } }, /non-empty value of type 'Binary'/],
    ['a number that is none', { a: { DataType: 'Number', StringValue: '7 apples' } }, /to a number/],
    ['a control character in a value', { a: { DataType: 'String', StringValue: '\u0001' } }, /invalid characters/],
  ])('%s is refused', (_name, attributes, message) => {
    expect(() => checkMessage('body', attributes)).toThrow(
      expect.objectContaining({ code: 'InvalidParameterValue', message: expect.stringMatching(message) }),
    );
  });
});

describe('takeFairly', () => {
  const of = (groupId: string | undefined, count: number) => Array.from({ length: count }, () => ({ groupId }));
  const groups = (taken: readonly { readonly groupId: string | undefined }[]) => taken.map(({ groupId }) => groupId);

  it('the only message of a quiet group comes before the backlog of a busy one', () => {
    expect(groups(takeFairly([...of('busy', 40), ...of('quiet', 1)], of('busy', 3), 2))).toEqual(['quiet', 'busy']);
  });

  it('groups with as much in flight take turns, oldest first', () => {
    expect(groups(takeFairly([...of('a', 3), ...of('b', 3)], [], 4))).toEqual(['a', 'b', 'a', 'b']);
  });

  it('without groups messages come in their order, and one without a group waits behind nobody', () => {
    const plain = of(undefined, 3);
    expect(takeFairly(plain, [], 2)).toEqual(plain.slice(0, 2));
    expect(groups(takeFairly([...of('a', 2), ...of(undefined, 1)], of('a', 1), 1))).toEqual([undefined]);
  });
});
