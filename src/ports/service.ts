import { token } from './token.ts';

/** A part that listens. Started in order when everything behind them is ready, stopped all at once. */
export interface Service {
  readonly name: string;
  /** Resolves when it serves, with what it serves on: `mqtts://0.0.0.0:8883`. Rejects with a sentence that names the setting to change. */
  start(): Promise<readonly string[]>;
  /** Stops accepting at once, lets what is under way end for at most `graceMs`, then closes. Resolves when nothing is left. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
}

/** The MQTT listeners. */
export const MqttDoor = token<Service>('MqttDoor');
/** The HTTP listeners. */
export const HttpDoor = token<Service>('HttpDoor');
/** Does here what changes elsewhere ask for. It starts before the doors. */
export const ChangeWatch = token<Service>('ChangeWatch');
/** What runs once a day. */
export const DailyRound = token<Service>('DailyRound');
/** What sees to it that one piece of work does not hold up all. It serves on nothing. */
export const LoopWatch = token<Service>('LoopWatch');
/** What goes on by itself while the doors are open. It serves on nothing. */
export const BackgroundWork = token<Service>('BackgroundWork');
