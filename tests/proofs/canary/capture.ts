import { spawn } from 'node:child_process';
import path from 'node:path';

const BUFFER_KB = 128 * 1024;

/** All packets of all interfaces, in a file. */
export interface Capture {
  file: string;
  /** Stops, and tells how many packets were taken and how many the kernel had to drop. */
  stop(): Promise<{ packets: number; dropped: number }>;
}

/** Starts tcpdump and waits until it listens. Throws an Error when it is missing or may not. */
export async function startCapture(folder: string): Promise<Capture> {
  const file = path.join(folder, 'packets.pcap');
  // The whole of every packet, written at once, by the user who started it.
  const how = [
    '-i',
    'any',
    '-s',
    '0',
    '-B',
    String(BUFFER_KB),
    '--immediate-mode',
    '-U',
    '-n',
    '-Z',
    'root',
    '-w',
    file,
  ];
  const child = spawn('tcpdump', how, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.on('error', () => reject(new Error('tcpdump is missing. Install it: apt-get install tcpdump')));
    child.on('exit', () => reject(new Error(`tcpdump does not capture:\n${said}`)));
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
      if (/listening on any/.test(said)) resolve();
    });
  });
  return {
    file,
    async stop() {
      const exited = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGINT');
      await exited;
      const count = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? Number.NaN);
      return { packets: count(/(\d+) packets? captured/), dropped: count(/(\d+) packets? dropped by kernel/) };
    },
  };
}
