import { ADMISSIONS, type Admission, LIMITS } from '../protocol/constants.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import { STRICTEST_FIRST } from '../protocol/policy.ts';

/** A workspace's own limits, never wider than the server's; `serverMaxSeconds` is the longest expiry that it allows. */
export function limitsWithin(serverMaxSeconds: number, own: Partial<PolicyLimits>): PolicyLimits {
  return {
    expiryMaxSeconds: Math.min(own.expiryMaxSeconds ?? serverMaxSeconds, serverMaxSeconds),
    maxReaders: own.maxReaders ?? LIMITS.readersMax,
    admissions: own.admissions ?? [...ADMISSIONS],
  };
}

/** The strictest of the admissions that are allowed. */
export function strictestOf(admissions: readonly Admission[]): Admission {
  return STRICTEST_FIRST.find((admission) => admissions.includes(admission)) ?? 'ask';
}

/** A policy within its limits; an admission that is not allowed gives way to the strictest one that is. */
export function within({ expiryMaxSeconds, maxReaders, admissions }: PolicyLimits, policy: Policy): Policy {
  return {
    ...policy,
    expirySeconds: Math.min(policy.expirySeconds, expiryMaxSeconds),
    maxReaders: Math.min(policy.maxReaders, maxReaders),
    admission: admissions.includes(policy.admission) ? policy.admission : strictestOf(admissions),
  };
}
