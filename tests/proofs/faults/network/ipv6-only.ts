import { Nat64 } from '../../../support/network/nat64.ts';
import type { Fault, Outcome } from '../fault.ts';
import { NOTE, type Stage } from '../stage.ts';
import { DATA_WORDS, playBlock, reads, SAYS } from './blocks.ts';
import { machines, type Scene, SIDES } from './scene.ts';

/** A host name of the data channels, which DNS64 gives an IPv6 address (RFC 6147). Chromium asks for it with a full stop behind it. */
const HOST_NAME = 'rtc.glir.example';

/**
 * Chromium hides a page's own addresses behind names of mDNS, and waits for ever for them on a machine of a test that has no IPv4:
 * then it has no address at all.
 */
const WITHOUT_MDNS = ['--disable-features=WebRtcHideLocalIpsWithMdns'];

/**
 * A network with IPv6 alone at the patient's, or at both: what has an IPv4 address only is reached through NAT64, by its name.
 * Gives where browsers find the server.
 */
async function ipv6Only(
  stage: Stage,
  { network, at }: Pick<Scene, 'network' | 'at'>,
  sides: readonly ('doctor' | 'patient')[],
) {
  const nat64 = await Nat64.start();
  stage.defer(() => nat64.close());
  for (const side of sides) await network.useIpv6(at[side], 'alone');
  const translated = nat64.addressOf(at.server.address);
  return { address: `[${translated}]`, translated };
}

/** The patient has IPv6 alone, the doctor IPv4; `announced` is what the patient's browser can reach. */
async function playReading(
  stage: Stage,
  announced: (built: Pick<Scene, 'network' | 'at'>) => Promise<NodeJS.ProcessEnv>,
): Promise<Outcome> {
  const built = await machines(stage);
  const { at } = built;
  const { address, translated } = await ipv6Only(stage, built, ['patient']);
  const server = await stage.server({ place: at.server, settings: await announced(built) });
  const [doctor, patient] = await Promise.all([
    stage.doctor(server, { place: at.doctor, server: at.server }),
    stage.patient({
      place: at.patient,
      server: { address },
      names: { [`${HOST_NAME}.`]: `[${translated}]` },
      args: WITHOUT_MDNS,
    }),
  ]);
  return reads(patient, await doctor.doctor.shares(NOTE, { admission: 'link' }));
}

/** Networks with IPv6 alone, behind NAT64. */
export const IPV6_ONLY: readonly Fault[] = [
  {
    name: 'ipv6-only-ipv4-announced',
    fault:
      'Doctor and patient have IPv6 alone. The pages come through NAT64; GLIR announces an IPv4 address, which no browser has a way to.',
    expected: `Each page ${SAYS}, no-common-address.`,
    run: (stage) =>
      playBlock(stage, {
        code: 'no-common-address',
        words: { ...DATA_WORDS, doctor: 'no kind of internet address in common' },
        sides: SIDES,
        reach: (built) => ipv6Only(stage, built, SIDES),
        args: WITHOUT_MDNS,
      }),
  },
  {
    name: 'ipv6-only-host-name-announced',
    fault: 'The patient has IPv6 alone, with NAT64 and DNS64; GLIR announces its IPv4 address and a host name.',
    expected: 'The note is read within 5 s of the tap, through NAT64.',
    run: (stage) => playReading(stage, async ({ at }) => ({ GLIR_RTC_ANNOUNCED: `${at.server.address},${HOST_NAME}` })),
  },
  {
    name: 'ipv6-only-ipv6-announced',
    fault: 'The patient has IPv6 alone; GLIR listens on an IPv6 address as well.',
    expected: 'The note is read within 5 s of the tap.',
    run: (stage) =>
      playReading(stage, async ({ network, at }) => {
        const own = await network.useIpv6(at.server, 'beside IPv4');
        return { GLIR_RTC_LISTEN: `${at.server.address},${own}` };
      }),
  },
];
