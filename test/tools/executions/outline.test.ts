import { outlineOf, titleOf } from '@stepkube/tools/executions/outline.ts';
import { describe, expect, it } from 'vitest';

describe('outlineOf', () => {
  it('outlineOf follows the way to success and enters parallel branches', () => {
    const outline = outlineOf({
      StartAt: 'Prepare',
      States: {
        Prepare: {
          Type: 'Parallel',
          Next: 'Decide',
          Branches: [
            { StartAt: 'Boot', States: { Boot: { Type: 'Task', Next: 'Init' }, Init: { Type: 'Task' } } },
            { StartAt: 'Scale', States: { Scale: { Type: 'Task' } } },
          ],
        },
        Decide: { Type: 'Choice', Default: 'Apply' },
        Apply: { Type: 'Task' },
        Failed: { Type: 'Fail' },
      },
    });
    expect(outline.map((state) => state.name)).toEqual(['Prepare', 'Decide', 'Apply']);
    expect(outline[0]?.branches.map((branch) => branch.map((state) => state.name))).toEqual([
      ['Boot', 'Init'],
      ['Scale'],
    ]);
  });

  it('outlineOf ends at a state that is reached twice', () => {
    const states = { Look: { Type: 'Task', Next: 'Wait' }, Wait: { Type: 'Wait', Next: 'Look' } };
    expect(outlineOf({ StartAt: 'Look', States: states }).map((state) => state.name)).toEqual(['Look', 'Wait']);
  });
});

it('titleOf turns a state name into words', () => {
  expect(titleOf('EnsureControlPlane')).toBe('Ensure control plane');
});
