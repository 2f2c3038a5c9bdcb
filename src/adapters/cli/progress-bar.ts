const CELLS = 30;
const REDRAW_MS = 100;

/** Draws how far a transfer is on one line of a terminal. Without a terminal it draws nothing. */
export class ProgressBar {
  readonly #draw: ((text: string) => void) | undefined;
  /** Undefined: nobody knows. */
  readonly #total: number | undefined;
  #drawnAt = -Infinity;

  constructor({ draw, total }: { readonly draw: ((text: string) => void) | undefined; readonly total: number | undefined }) {
    this.#draw = draw;
    this.#total = total;
  }

  /** `done` bytes are sent. */
  show(done: number): void {
    const now = performance.now();
    if (now - this.#drawnAt < REDRAW_MS && done !== this.#total) return;
    this.#drawnAt = now;
    this.#draw?.(`\r${barText(done, this.#total)}\x1b[K`);
  }

  /** Takes the line away again. */
  clear(): void {
    this.#draw?.('\r\x1b[K');
  }
}

export function barText(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return `${sizeText(done)} sent`;
  const part = Math.min(done / total, 1);
  const filled = Math.round(part * CELLS);
  const rest = part === 1 ? 'sent; the server finishes' : `${sizeText(done)} of ${sizeText(total)}`;
  return `[${'#'.repeat(filled)}${'.'.repeat(CELLS - filled)}] ${String(Math.floor(part * 100)).padStart(3)} %  ${rest}`;
}

function sizeText(bytes: number): string {
  const [unit, size] = bytes < 1e3 ? ['B', 1] : bytes < 1e6 ? ['kB', 1e3] : ['MB', 1e6];
  return `${bytes < 1e4 && size !== 1 ? (bytes / Number(size)).toFixed(1) : Math.round(bytes / Number(size))} ${unit}`;
}
