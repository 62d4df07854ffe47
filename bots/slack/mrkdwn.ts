import type { Line, Moment, Piece } from '../commands/view.ts';

/** Lines of text in Slack's mrkdwn. */
export function mrkdwn(lines: readonly Line[]): string {
  return lines.map((line) => line.map(piece).join('')).join('\n');
}

/** Slack reads these three characters as the beginning of its own marks, wherever it reads mrkdwn. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function piece(of: Piece): string {
  if (typeof of === 'string') return escaped(of);
  if ('strong' in of) return `*${escaped(of.strong)}*`;
  if ('typed' in of) return `\`${escaped(of.typed)}\``;
  return moment(of);
}

/** In each reader's own time zone: 15:40, "today at 15:40", or "in 25 minutes" with the time behind it. */
function moment({ at, as }: Moment): string {
  switch (as) {
    case 'time':
      return dateToken(at, '{time}', 11, 16);
    case 'day':
      return dateToken(at, '{date_short_pretty} at {time}', 0, 16);
    case 'period':
      return `${dateToken(at, '{ago}', 0, 16)} (${moment({ at, as: 'time' })})`;
  }
}

/** The fallback is for clients that cannot render dates. */
function dateToken(ms: number, format: string, from: number, to: number): string {
  const utc = new Date(ms).toISOString().slice(from, to).replace('T', ' ');
  return `<!date^${Math.floor(ms / 1000)}^${format}|${utc} UTC>`;
}
