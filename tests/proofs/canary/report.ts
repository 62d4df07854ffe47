import type { Row } from './look.ts';
import type { Finding } from './places.ts';

/** Whether nothing was found that should not be there, everything planted was found, and nothing was left out. */
export function isClean({ findings, planted, gaps }: Row): boolean {
  return findings.length === 0 && planted.found === planted.of && gaps.length === 0;
}

/** The rows as a Markdown table, with what was found below it. */
export function report(rows: readonly Row[]): string {
  const lines = rows.map(({ phase, place, bytes, ms, findings, planted, gaps }) => {
    const cells = [
      phase,
      place,
      inMegabytes(bytes),
      `${(ms / 1000).toFixed(1)} s`,
      findings.length === 0 ? 'none' : `**${findings.length}**`,
      planted.found === planted.of ? `all ${planted.of}` : `**${planted.found} of ${planted.of}**`,
      gaps.join('; '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = [
    '| when | place | searched | in | findings | planted spellings found | left out |',
    '|---|---|---|---|---|---|---|',
  ];
  return `${[...head, ...lines, ...passing(rows), ...found(rows)].join('\n')}\n`;
}

function found(rows: readonly Row[]): string[] {
  return rows.flatMap(({ phase, place, findings }) =>
    findings.map((finding) => `FOUND ${phase}, ${place}: ${described(finding)}\n  ${shown(finding.hit.around)}`),
  );
}

/** What passes through a place by the nature of things. */
function passing(rows: readonly Row[]): string[] {
  const lines = rows
    .filter((row) => row.passing.length > 0)
    .map(({ phase, place, passing: all }) => {
      const counts = new Map<string, number>();
      for (const { hit } of all) counts.set(hit.pattern.marker, (counts.get(hit.pattern.marker) ?? 0) + hit.count);
      return `- ${phase}, ${place}: ${[...counts].map(([name, count]) => `${name} ${count} times`).join(', ')}`;
    });
  return lines.length === 0 ? [] : ['', 'Where it belongs, or passes through:', ...lines];
}

function described({ hit: { pattern, count }, where }: Finding): string {
  return `${pattern.marker} as ${pattern.spelling}, ${count} times, first in ${where}`;
}

function shown(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '·');
}

function inMegabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
