import type { ForecastDesk } from '../../ports/driving/forecast-desk.ts';
import type { Leadership } from '../../ports/driven/leadership.ts';
import type { Service } from '../../ports/service.ts';

export interface DailyRoundNeeds {
  readonly forecast: Pick<ForecastDesk, 'warn'>;
  /** Of several processes one goes round. By default this one. */
  readonly lead?: Leadership;
  readonly dayMs?: number;
}

/** What is looked at once a day, and when the server starts. It keeps no process alive and nobody waiting. */
export class DailyRound implements Service {
  readonly name = 'daily round';
  readonly #needs: DailyRoundNeeds;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(needs: DailyRoundNeeds) {
    this.#needs = needs;
  }

  async start(): Promise<readonly string[]> {
    this.#goRound();
    this.#timer = setInterval(() => this.#goRound(), this.#needs.dayMs ?? 86_400_000).unref();
    return [];
  }

  /** The round that is under way is let end: the database is closed after this. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay;
  }

  #goRound(): void {
    const { forecast, lead } = this.#needs;
    if (lead && !lead.isMine()) return;
    this.#underWay = this.#underWay.then(() => forecast.warn());
  }
}
