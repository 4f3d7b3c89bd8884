import { expect, it } from 'vitest';
import { objectsIn } from '#cli/start/photo.ts';

it("objectsIn reads labels and confidences from the bot's answer, and none from its other words", () => {
  expect(objectsIn('2 fire hydrants, 1 dog\n\nfire hydrant 96 %\ndog 84 %\nfire hydrant 8 %')).toEqual([
    { label: 'fire hydrant', confidence: 0.96 },
    { label: 'dog', confidence: 0.84 },
    { label: 'fire hydrant', confidence: 0.08 },
  ]);
  expect(objectsIn('I see no objects that I know in this picture.')).toEqual([]);
});
