import { SECRET_NAMES, VARIABLE_NAMES, type VariableName, variable } from './variables.ts';

const INTRODUCTION = `# Configuration

<!-- Generated from src/config/variables.ts by scripts/config-docs.ts. Change it there. -->

GLIR is configured by environment variables alone, and on one machine it needs none. It checks them when it starts: whatever is
wrong is refused, all at once, with what to set instead. An empty variable counts as unset, space around a value
does not count. An unknown variable that begins with \`GLIR_\` is reported, because it is usually a typing mistake.

A secret can stand in a file: set \`NAME_FILE\` to its path instead of \`NAME\`, or give it to the service as a systemd credential
of the variable's name (\`LoadCredential=GLIR_DATA_KEYS:/etc/glir/data-keys\`). The secrets are
${SECRET_NAMES.map((name) => `\`${name}\``).join(', ')}.

Durations are written like \`90s\`, \`15m\`, \`2h\` or \`1h30m\`.
`;

/** Settings that fit where GLIR runs. */
export const RECIPES: readonly { readonly where: string; readonly settings: Partial<Record<VariableName, string>> }[] =
  [
    { where: 'on your own machine, to try it', settings: {} },
    {
      where: 'on a server that has its public address itself',
      settings: { PUBLIC_URL: 'https://glir.example.org', GLIR_RTC_LISTEN: '203.0.113.5', GLIR_TRUST_PROXY: '1' },
    },
    {
      where: 'on a cloud machine, in a container or behind a router, which have the public address in front of them',
      settings: { PUBLIC_URL: 'https://glir.example.org', GLIR_RTC_ANNOUNCED: '203.0.113.5', GLIR_TRUST_PROXY: '1' },
    },
    {
      where: "inside a hospital's network",
      settings: { PUBLIC_URL: 'https://glir.hospital.internal', GLIR_RTC_LISTEN: '10.0.0.5', GLIR_TRUST_PROXY: '1' },
    },
  ];

const FIREWALL = `
A reverse proxy with a certificate passes \`PUBLIC_URL\` on to \`PORT\`, WebSockets included. When it runs on the same machine, set
\`HOST=127.0.0.1\` as well, so that nobody gets past it. The data channels do not go through it: open \`GLIR_RTC_PORT\` for UDP
and TCP. Where networks block even that, add a TURN server on port 443 with \`GLIR_TURN\`.
`;

/** The whole of docs/config.md, made from the table of variables. */
export function configDocs(): string {
  const recipes = RECIPES.map(({ where, settings }) => {
    const set = Object.entries(settings).map(([name, value]) => `\`${name}=${value}\``);
    return [where, set.join(' ') || 'nothing'];
  });
  const sections = [...new Set(VARIABLE_NAMES.map((name) => variable(name).section))].map((section) => {
    const rows = VARIABLE_NAMES.filter((name) => variable(name).section === section).map(variableRow);
    return `\n## ${section}\n\n${table(['variable', 'what it does', 'default', 'example'], rows)}`;
  });
  const common = `\n## Common settings\n\n${table(['where GLIR runs', 'what to set'], recipes)}`;
  return [INTRODUCTION, common, FIREWALL, ...sections].join('');
}

/** A variable's row: its name, what it does, its default, an example. */
export function variableRow(name: VariableName): string[] {
  const { doc, required, default: fallback, unset = 'none', example } = variable(name);
  const needed =
    required?.unless === undefined
      ? `Needed when ${required?.by} is on.`
      : `Needed unless \`${required.unless}\` is set.`;
  return [`\`${name}\``, required === undefined ? doc : `${doc} ${needed}`, fallback ?? unset, `\`${example}\``];
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => (cells[0] === '---' ? `|${cells.join('|')}|\n` : `| ${cells.join(' | ')} |\n`))
    .join('');
}
