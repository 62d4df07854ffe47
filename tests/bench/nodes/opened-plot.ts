import type { Figure } from '../figures.ts';
import { plot } from './plot.ts';

export const OPENED_PLOT = 'nodes-opened.svg';

/** Rooms opened a second and what each took, against the number of nodes. */
export function openedPlot(figures: readonly Figure[]): string {
  const of = (detail: string) => figures.map((figure) => ({ x: Number(figure['nodes']), y: Number(figure[detail]) }));
  return plot(
    [
      {
        title: 'Notes opened and revoked',
        x: 'nodes',
        y: 'in a second',
        series: [
          { name: 'median', points: of('value') },
          { name: 'least', points: of('min') },
          { name: 'most', points: of('max') },
        ],
      },
      {
        title: 'Processor time of one note',
        x: 'nodes',
        y: 'ms of one core',
        series: [
          { name: 'nodes', points: of('nodeMs') },
          { name: 'workers', points: of('workerMs') },
          { name: 'PostgreSQL', points: of('postgresMs') },
        ],
      },
    ],
    'Notes opened in a second by one, two and three nodes, and the processor time of each',
  );
}
