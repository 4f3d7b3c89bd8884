import { describe, expect, it } from 'vitest';
import { ChatPace } from '#workloads/polybot/src/chat-pace.ts';

const group = -1001234;
const person = 42;

/** Takes room as often as there is room. */
function taken(pace: ChatPace, chatId: number, urgency: 'answer' | 'apology', wanted: number): number {
  return Array.from({ length: wanted }, () => pace.take(chatId, urgency)).filter((wait) => wait === 0).length;
}

describe('ChatPace', () => {
  it('a group gets twenty messages a minute, so forty answers take a minute', () => {
    let now = 0;
    const pace = new ChatPace(() => now);
    expect(taken(pace, group, 'answer', 40)).toBe(20);
    expect(pace.take(group, 'answer')).toBe(60);
    now = 60_000;
    expect(taken(pace, group, 'answer', 20)).toBe(20);
  });

  it('a person gets one message a second, thirty of them at once', () => {
    const pace = new ChatPace(() => 0);
    expect(taken(pace, person, 'answer', 40)).toBe(30);
    expect(pace.take(person, 'answer')).toBe(30);
  });

  it('apologies leave room for answers', () => {
    const pace = new ChatPace(() => 0);
    expect(taken(pace, group, 'apology', 20)).toBe(15);
    expect(taken(pace, group, 'answer', 20)).toBe(5);
  });

  it('a pause of one chat holds up no other', () => {
    let now = 0;
    const pace = new ChatPace(() => now);
    pace.pause(group, 40);
    pace.pause(group, 10);
    expect([pace.take(group, 'answer'), pace.take(person, 'answer')]).toEqual([40, 0]);
    now = 40_000;
    expect(pace.take(group, 'answer')).toBe(0);
  });
});
