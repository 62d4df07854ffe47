import { type Machine, Network } from '../../../support/network/network.ts';
import type { ServerProcess } from '../server-process.ts';
import type { DoctorSeat, PatientSeat, ReadingOptions, Stage } from '../stage.ts';
import { now } from '../watch.ts';

/** Server, doctor and patient on machines of their own, with a router between them. */
export interface Scene {
  network: Network;
  at: { server: Machine; doctor: Machine; patient: Machine };
  server: ServerProcess;
  doctor: DoctorSeat;
  patient: PatientSeat;
  link: string;
}

/** Who loses the connection. */
export type Side = 'doctor' | 'patient';
export const SIDES: readonly Side[] = ['doctor', 'patient'];

/** Three machines and a router between them. */
export async function machines(stage: Stage): Promise<Pick<Scene, 'network' | 'at'>> {
  const network = await Network.make();
  stage.defer(() => network.close());
  return {
    network,
    at: {
      server: await network.machine('server'),
      doctor: await network.machine('doctor'),
      patient: await network.machine('patient'),
    },
  };
}

/** A patient reads the doctor's note, each in a network of their own. `before` is done when the cables are there. */
export async function readingScene(
  stage: Stage,
  options: Omit<ReadingOptions, 'server' | 'doctor' | 'patient'> & { settings?: NodeJS.ProcessEnv } = {},
  before: (built: Pick<Scene, 'network' | 'at'>) => Promise<void> = async () => undefined,
): Promise<Scene> {
  const built = await machines(stage);
  const { at } = built;
  await before(built);
  const reading = await stage.reading({
    ...options,
    server: { place: at.server, ...(options.settings === undefined ? {} : { settings: options.settings }) },
    doctor: { place: at.doctor, server: at.server },
    patient: { place: at.patient, server: at.server },
  });
  return { ...built, ...reading };
}

/** Doctor and patient at their machines, before anything is written. */
export async function seated(
  stage: Stage,
  built: Pick<Scene, 'network' | 'at'>,
  server: ServerProcess,
): Promise<Omit<Scene, 'link'>> {
  const { at } = built;
  const [doctor, patient] = await Promise.all([
    stage.doctor(server, { place: at.doctor, server: at.server }),
    stage.patient({ place: at.patient, server: at.server }),
  ]);
  return { ...built, server, doctor, patient };
}

/** The nft match for what passes between a machine and the server over one transport and port, both ways. */
export function between({ at }: Pick<Scene, 'at'>, side: Side, proto: 'tcp' | 'udp', port: number): [string, string] {
  const { outer } = at[side].line;
  return [`iifname ${outer} ${proto} dport ${port}`, `oifname ${outer} ${proto} sport ${port}`];
}

/** Forbids several things at once; gives what allows them again. */
export async function forbid(
  { network }: Pick<Scene, 'network'>,
  rules: readonly string[],
): Promise<() => Promise<void>> {
  const undo = await Promise.all(rules.map((rule) => network.forbid(rule)));
  return async () => {
    await Promise.all(undo.map((allow) => allow()));
  };
}

/** The doctor changes a word of the open note; fulfilled with the time when the change stands in the patient's page. */
export async function corrects({ doctor, patient }: Pick<Scene, 'doctor' | 'patient'>, word: string): Promise<number> {
  const began = now();
  const text = await doctor.doctor.note.inputValue();
  await doctor.doctor.note.fill(`${text} ${word}`);
  await patient.patient.note.getByText(word).waitFor({ timeout: 30_000 });
  return now() - began;
}

/** The doctor destroys the note; fulfilled with the time of the last press of the button, by the page itself. */
export async function revokes({ doctor }: Pick<Scene, 'doctor'>): Promise<number> {
  const page = doctor.doctor.composer;
  await page.evaluate(() => {
    const pressed = ({ timeStamp }: Event) => {
      document.documentElement.dataset['pressed'] = String(performance.timeOrigin + timeStamp);
    };
    addEventListener('click', pressed, { capture: true });
  });
  await doctor.doctor.destroys();
  return page.evaluate(() => Number(document.documentElement.dataset['pressed']));
}

/** How long after `since` it was, in words. */
export function after(since: number, moment: number | null): string {
  return moment === null ? 'never' : `after ${((moment - since) / 1000).toFixed(1)} s`;
}
