/** Plan name -> its monthly quota. Every picture that is taken counts, also one that turns out to be none. */
export const plans = {
  free: { picturesPerMonth: 200 },
  plus: { picturesPerMonth: 2_000 },
  team: { picturesPerMonth: 20_000 },
} as const;

export type PlanName = keyof typeof plans;

export const planNames = Object.keys(plans) as [PlanName, ...PlanName[]];
