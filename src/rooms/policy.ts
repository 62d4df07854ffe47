import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import { ADMISSIONS, LIMITS } from '../protocol/terms.ts';

/** A workspace's own limits, never wider than the server's; `serverMaxSeconds` is the longest expiry that it allows. */
export function limitsWithin(serverMaxSeconds: number, own: Partial<PolicyLimits>): PolicyLimits {
  return {
    expiryMaxSeconds: Math.min(own.expiryMaxSeconds ?? serverMaxSeconds, serverMaxSeconds),
    maxReaders: own.maxReaders ?? LIMITS.readersMax,
    admissions: own.admissions ?? [...ADMISSIONS],
  };
}

/** A policy within its limits; an admission that is not allowed gives way to the strictest one that is. */
export function within({ expiryMaxSeconds, maxReaders, admissions }: PolicyLimits, policy: Policy): Policy {
  const [fallback = 'ask'] = admissions.includes('ask') ? (['ask'] as const) : admissions;
  return {
    ...policy,
    expirySeconds: Math.min(policy.expirySeconds, expiryMaxSeconds),
    maxReaders: Math.min(policy.maxReaders, maxReaders),
    admission: admissions.includes(policy.admission) ? policy.admission : fallback,
  };
}
