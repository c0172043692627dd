/**
 * Rankings: steps of candidates, best first; candidates of one step are tied.
 *
 * In: an order, a candidate, where it goes. Out: another order of the same candidates. Never: an empty step.
 */

export type Order = readonly (readonly number[])[];

const stepOf = (order: Order, who: number) => order.findIndex((step) => step.includes(who));
const without = (order: Order, who: number): number[][] => order.map((step) => step.filter((one) => one !== who));
const whole = (order: readonly (readonly number[])[]): number[][] => order.filter((step) => step.length > 0).map((step) => [...step]);

/** One step up (-1) or down (1): out of a tie first, then past the next step. */
export function move(order: Order, who: number, sign: -1 | 1): number[][] {
  const at = stepOf(order, who);
  const rest = without(order, who);
  if (order[at]!.length > 1) rest.splice(sign < 0 ? at : at + 1, 0, [who]);
  else rest.splice(Math.max(0, Math.min(order.length - 1, at + sign)) + (sign > 0 ? 1 : 0), 0, [who]);
  return whole(rest);
}

/** Tie a candidate with the step above, or part it from its step again. */
export function tie(order: Order, who: number): number[][] {
  const at = stepOf(order, who);
  const rest = without(order, who);
  if (order[at]!.length > 1) rest.splice(at + 1, 0, [who]);
  else if (at > 0) rest[at - 1] = [...rest[at - 1]!, who].sort((a, b) => a - b);
  else rest[at] = [who];
  return whole(rest);
}

/** Put a candidate at a place of the list that a person sees, 0 the first. */
export function place(order: Order, who: number, at: number): number[][] {
  const rest = whole(without(order, who));
  let seen = 0;
  let step = 0;
  while (step < rest.length && seen + rest[step]!.length <= at) {
    seen += rest[step]!.length;
    step += 1;
  }
  rest.splice(step, 0, [who]);
  return rest;
}

/** The rank of each candidate as people write it: 1, 2=, 2=, 4. */
export function ranks(order: Order): { who: number; rank: string; tied: boolean }[] {
  let before = 0;
  return order.flatMap((step) => {
    const rank = `${before + 1}${step.length > 1 ? '=' : ''}`;
    before += step.length;
    return step.map((who, nth) => ({ who, rank, tied: nth > 0 }));
  });
}
