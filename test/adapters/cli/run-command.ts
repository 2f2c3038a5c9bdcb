import { type Command, CommanderError } from 'commander';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command as a shell would, in this process: what it wrote, what it complained of, and its exit code. */
export async function runCommand(make: (write: (text: string) => void) => Command, ...words: readonly string[]): Promise<Ran> {
  const said = { out: '', err: '' };
  const command = make((text) => (said.out += text));
  everyCommand(command, (each) =>
    each.exitOverride().configureOutput({ writeOut: (text) => (said.out += text), writeErr: (text) => (said.err += text) }),
  );
  try {
    await command.parseAsync(words, { from: 'user' });
    return { code: 0, ...said };
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, ...said };
    throw error;
  }
}

function everyCommand(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) everyCommand(child, change);
}
