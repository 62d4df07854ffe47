import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const SCAN = path.join(import.meta.dirname, 'observatory-scan.ts');
const SECONDS = 60;

const scanSchema = z.object({
  scan: z.object({
    grade: z.string(),
    score: z.number(),
    statusCode: z.number(),
    testsPassed: z.number(),
    testsQuantity: z.number(),
  }),
  tests: z.record(z.string(), z.looseObject({ pass: z.boolean(), result: z.string() })),
});
export type Scan = z.infer<typeof scanSchema>;

/**
 * Scans addresses (`localhost:1234/compose`) with MDN's HTTP Observatory, in a process that trusts `cert` and reaches
 * nothing but this machine. Rejects when it tries to.
 */
export async function observe(addresses: readonly string[], cert: string): Promise<Scan[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-observatory-'));
  try {
    const trusted = path.join(folder, 'cert.pem');
    writeFileSync(trusted, cert);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted };
    const { stdout } = await promisify(execFile)(process.execPath, [SCAN, ...addresses], {
      env,
      timeout: SECONDS * 1000,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => scanSchema.parse(JSON.parse(line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
