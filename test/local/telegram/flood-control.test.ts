import { describe, expect, it } from 'vitest';
import { FloodControl } from '#local/telegram/flood-control.ts';
import { ChatPace } from '#workloads/polybot/src/chat-pace.ts';

describe("polybot's pace", () => {
  it.each([
    { chat: 'a group', id: -1001234, type: 'supergroup', seconds: 60 },
    { chat: 'a person', id: 42, type: 'private', seconds: 30 },
  ] as const)('forty answers to $chat meet no refusal of Telegram and take $seconds s', ({ id, type, seconds }) => {
    let now = 0;
    const pace = new ChatPace(() => now);
    const floodControl = new FloodControl(type, () => now);
    const waiting = Array.from({ length: 40 }, () => 0);
    while (waiting.length > 0) {
      now = Math.max(now, Math.min(...waiting));
      const waitSeconds = pace.take(id, 'answer');
      waiting.splice(waiting.indexOf(Math.min(...waiting)), 1);
      if (waitSeconds > 0) waiting.push(now + waitSeconds * 1000);
      else floodControl.admit();
    }
    expect(now).toBe(seconds * 1000);
  });
});
