import type { Fault } from '../fault.ts';
import { ADDRESS_CHANGES } from './address-change.ts';
import { BLOCKS } from './blocks.ts';
import { CUTS } from './cuts.ts';
import { IPV6_ONLY } from './ipv6-only.ts';
import { NARROW_WAYS } from './narrow-ways.ts';
import { OFFLINE } from './offline.ts';
import { SLOW_READERS } from './slow-reader.ts';
import { WEATHERS } from './weather.ts';

/** Faults of the network between the server, the doctor and the patient. */
export const NETWORK_FAULTS: readonly Fault[] = [
  ...CUTS,
  ...ADDRESS_CHANGES,
  ...SLOW_READERS,
  ...WEATHERS,
  ...OFFLINE,
  ...NARROW_WAYS,
  ...BLOCKS,
  ...IPV6_ONLY,
];
