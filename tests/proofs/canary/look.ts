import type { Marker } from './markers.ts';
import type { Finding, Place } from './places.ts';
import { makePlant, type Plant } from './plants.ts';

/** Puts a planted marker into a place; what it gives takes away what would be in the way afterwards. */
export type Planting = (plant: Plant) => Promise<() => void>;

/** A place, and the ways in which markers are planted into it. */
export interface Lookout {
  place: Place;
  plantings: readonly Planting[];
  /** Makes what is planted, where not every spelling can be. */
  plant?: () => Plant;
}

/** What one search of one place gave: a row of the table. */
export interface Row {
  phase: string;
  place: string;
  bytes: number;
  ms: number;
  /** What should not be there. */
  findings: Finding[];
  /** What may be there and was found. */
  passing: Finding[];
  /** Spellings of planted markers: how many of how many were found. */
  planted: { found: number; of: number };
  gaps: string[];
}

/** Packets and requests take a moment to get into the capture. */
const PATIENCE_MS = 10_000;

/** Plants markers into a place and searches it for them and for everything private, until all that was planted is found or 10 s are over. */
export async function lookInto(
  phase: string,
  { place, plantings, plant: make = makePlant }: Lookout,
  markers: readonly Marker[],
): Promise<Row> {
  const plants = plantings.map((planting) => ({ planting, plant: make() }));
  const expected = plants.flatMap(({ plant }) => plant.patterns);
  const patterns = [...markers.flatMap((marker) => marker.patterns), ...expected];
  const undo: (() => void)[] = [];
  const latest = performance.now() + PATIENCE_MS;
  try {
    for (const { planting, plant } of plants) undo.push(await planting(plant));
    for (;;) {
      const begin = performance.now();
      const { bytes, findings, gaps } = await place.search(patterns);
      const ms = performance.now() - begin;
      const hit = new Set(findings.map((finding) => finding.hit.pattern));
      const found = expected.filter((pattern) => hit.has(pattern)).length;
      if (found < expected.length && performance.now() < latest) continue;
      const planted = new Set(expected);
      const own = findings.filter((finding) => !planted.has(finding.hit.pattern));
      const may = (finding: Finding) => belongs(finding, place, markers);
      return {
        phase,
        place: place.name,
        bytes,
        ms,
        findings: own.filter((finding) => !may(finding)),
        passing: own.filter(may),
        planted: { found, of: expected.length },
        gaps,
      };
    }
  } finally {
    for (const each of undo) each();
  }
}

function belongs({ hit }: Finding, { kind }: Place, markers: readonly Marker[]): boolean {
  return markers.some(({ name, belongs: kinds }) => name === hit.pattern.marker && kinds.includes(kind));
}
