import type { Figure } from '../figures.ts';
import { type Panel, plot, type Series } from './plot.ts';

export const CAPACITY_PLOT = 'node-capacity.svg';
/** What a room may take at most, of a node and its worker together, and how long a revocation may. */
const MEMORY_KB = 450;
const REVOKE_MS = 250;

/** What one node takes for its rooms, against their number. */
export function capacityPlot(figures: readonly Figure[]): string {
  const x = 'open notes, each with a reader';
  const panels: Panel[] = [
    {
      title: 'Memory of a note',
      x,
      y: 'kB',
      limit: MEMORY_KB,
      series: [
        series('both', figures, 'value'),
        series('server', figures, 'serverKb'),
        series('worker', figures, 'workerKb'),
      ],
    },
    {
      title: 'Processor time at rest',
      x,
      y: '% of one core',
      series: [series('server and worker', figures, 'corePercent')],
    },
    {
      title: 'Revoked until gone for the patient',
      x,
      y: 'ms',
      limit: REVOKE_MS,
      series: [series('median', figures, 'revokeP50'), series('99 of 100', figures, 'revokeP99')],
    },
  ];
  return plot(panels, 'Memory, processor time and time to revoke of one node, against its open notes');
}

function series(name: string, figures: readonly Figure[], detail: string): Series {
  return { name, points: figures.map((figure) => ({ x: Number(figure['rooms']), y: Number(figure[detail]) })) };
}
