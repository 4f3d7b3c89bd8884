/** The part of the Amazon States Language that an outline needs. */
interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, MachineState>>;
}

interface MachineState {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Branches?: readonly Machine[];
}

/** One state on the way to success, in the order it runs. */
export interface OutlineState {
  readonly name: string;
  readonly branches: readonly (readonly OutlineState[])[];
}

/** The states a successful execution passes: follows Next (and a Choice's Default), enters the branches of Parallel states. */
export function outlineOf(machine: Machine): OutlineState[] {
  const outline: OutlineState[] = [];
  const seen = new Set<string>();
  let name: string | undefined = machine.StartAt;
  while (name !== undefined && !seen.has(name)) {
    seen.add(name);
    const state: MachineState | undefined = machine.States[name];
    if (state === undefined) break;
    outline.push({ name, branches: (state.Branches ?? []).map(outlineOf) });
    name = state.Next ?? state.Default;
  }
  return outline;
}

/** 'EnsureControlPlane' -> 'Ensure control plane' */
export function titleOf(stateName: string): string {
  const words = stateName.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
