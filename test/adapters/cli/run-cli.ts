import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { CliNeeds } from '../../../src/adapters/cli/cli-needs.ts';
import { program, runProgram } from '../../../src/adapters/cli/program.ts';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** What was asked on the terminal. */
  readonly questions?: readonly string[];
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly isTerminal?: boolean;
  readonly now?: Date;
  readonly verifyAudit?: CliNeeds['verifyAudit'];
  readonly resealKeys?: CliNeeds['resealKeys'];
  readonly commands?: readonly Command[];
  /** What a person types on the terminal where something is asked, one after the other; absent: there is no terminal. */
  readonly typed?: readonly (string | undefined)[];
}

/** Runs one command line in this process. */
export async function runCli(line: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let [out, err] = ['', ''];
  const questions: string[] = [];
  const { typed } = options;
  const needs = {
    version: '1.2.3',
    commands: options.commands ?? [],
    env: options.env ?? {},
    write: (text: string) => void (out += text),
    writeError: (text: string) => void (err += text),
    isTerminal: options.isTerminal ?? false,
    input: Readable.from(options.input === undefined ? [] : [Buffer.from(options.input)]),
    ...(typed && { askHidden: async (question: string) => typed[questions.push(question) - 1] }),
    ...(options.verifyAudit && { verifyAudit: options.verifyAudit }),
    ...(options.resealKeys && { resealKeys: options.resealKeys }),
    now: () => options.now ?? new Date('2026-11-24T12:00:00Z'),
  };
  const exit = await runProgram(program(needs), line, needs);
  return { exit, out, err, ...(typed && { questions }) };
}
