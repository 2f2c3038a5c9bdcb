import { ContainerModule } from 'inversify';
import { AuditLog } from '../../ports/driven/audit-log.ts';
import { Clock } from '../../ports/driven/clock.ts';
import { Identifiers } from '../../ports/driven/identifiers.ts';
import { Leadership } from '../../ports/driven/leadership.ts';
import { Log } from '../../ports/driven/log.ts';
import { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import { ForecastDesk } from '../../ports/driving/forecast-desk.ts';
import { DailyRound as DailyRoundPort } from '../../ports/service.ts';
import { Pause } from '../../ports/driven/pause.ts';
import { token } from '../../ports/token.ts';
import { provide } from '../composition/provide.ts';
import { workerSeat } from '../composition/workers/worker-seat.ts';
import { Settings } from '../config/settings.ts';
import { DailyRound } from './daily-round.ts';
import { openLogOutput, type LogOutput as Output } from './log-output.ts';
import { PinoAuditLog } from './pino-audit-log.ts';
import { PinoLog } from './pino-log.ts';
import { RandomIdentifiers } from './random-identifiers.ts';
import { ScryptPasswordHasher } from './scrypt-password-hasher.ts';
import { SystemClock } from './system-clock.ts';

/** Where log and audit go; `main.ts` flushes it last. */
export const LogOutput = token<Output>('LogOutput');

/** What the machine itself gives: time, the turn of the days, chance, hashes of passwords, and a place to write to. */
export const systemModule = new ContainerModule((options) => {
  provide(options, Clock, {}, () => new SystemClock());
  provide(options, DailyRoundPort, { forecast: ForecastDesk, lead: Leadership }, (needs) => new DailyRound(needs));
  provide(options, Identifiers, {}, () => new RandomIdentifiers());
  provide(options, Pause, {}, () => () => new Promise<void>((resolve) => setImmediate(resolve)));
  provide(options, PasswordHasher, { clock: Clock }, (needs) => new ScryptPasswordHasher(needs));
  provide(options, LogOutput, { settings: Settings }, ({ settings }) => {
    const worker = workerSeat()?.number;
    return openLogOutput({ level: settings.logLevel, ...(worker !== undefined && { worker }) });
  });
  provide(options, Log, { output: LogOutput }, ({ output }) => new PinoLog(output));
  provide(options, AuditLog, { output: LogOutput }, ({ output }) => new PinoAuditLog(output));
});
