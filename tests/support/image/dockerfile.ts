/** One instruction of a Dockerfile, on one line. */
export interface Instruction {
  /** In capitals, such as `RUN`. */
  readonly name: string;
  readonly text: string;
}

/** The instructions of each stage of a Dockerfile, after its `FROM`, by the stage's name. */
export function readStages(dockerfile: string): Map<string, Instruction[]> {
  const stages = new Map<string, Instruction[]>();
  let current: Instruction[] = [];
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n');
  for (const line of lines.filter((each) => each.trim() !== '' && !each.startsWith('#'))) {
    const [, name = '', text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      current = [];
      stages.set(/ AS (\S+)$/.exec(text)?.[1] ?? String(stages.size), current);
    } else current.push({ name, text });
  }
  return stages;
}
