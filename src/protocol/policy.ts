import type { Admission } from './constants.ts';
import type { Policy } from './messages.ts';

/** The strictest first: the doctor looks at each reader, a second secret is needed, the link is enough. */
export const STRICTEST_FIRST = ['ask', 'pin', 'link'] as const satisfies readonly Admission[];

/** Whether `one` lets fewer in than `other`. */
export function isStricter(one: Admission, other: Admission): boolean {
  return STRICTEST_FIRST.indexOf(one) < STRICTEST_FIRST.indexOf(other);
}

/** The stricter of two choices in each point, however often and in whichever order they are put together. */
export function strictestPolicy(one: Policy, other: Policy): Policy {
  return {
    expirySeconds: Math.min(one.expirySeconds, other.expirySeconds),
    admission: isStricter(one.admission, other.admission) ? one.admission : other.admission,
    maxReaders: Math.min(one.maxReaders, other.maxReaders),
    showName: one.showName && other.showName,
  };
}

export function samePolicy(one: Policy, other: Policy): boolean {
  const { expirySeconds, admission, maxReaders, showName } = one;
  return (
    expirySeconds === other.expirySeconds &&
    admission === other.admission &&
    maxReaders === other.maxReaders &&
    showName === other.showName
  );
}
