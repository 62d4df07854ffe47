import { z } from 'zod';
import { runCli } from '../../../src/cli/glir.ts';

const line = z.looseObject({ seq: z.int(), action: z.string(), hash: z.string() });

/** `npm run glir -- …` in this process, with what it printed. */
export async function glirTool(
  words: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const code = await runCli(words, env, {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
  });
  return { code, ...written };
}

/** Everything that is in the audit, as it is exported; the export itself is the last line. */
export async function auditOf(env: NodeJS.ProcessEnv): Promise<z.infer<typeof line>[]> {
  const { out } = await glirTool(['audit', 'export'], env);
  return out
    .trimEnd()
    .split('\n')
    .map((text) => line.parse(JSON.parse(text)));
}
