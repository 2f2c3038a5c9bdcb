import type { Duplex } from 'node:stream';
import type { IConnectPacket } from 'mqtt-packet';
import type { Admission } from '../../ports/driving/device-gate.ts';
import type { ClientTerms } from './client-terms.ts';
import { acceptance, endingConnack, refusalConnack } from './connack.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Connection, DeviceConnectionNeeds } from './connection.ts';
import { Deadline } from './deadline.ts';
import { openInbox } from './device-inbox.ts';
import { farewell } from './disconnect.ts';
import type { EndingCode } from './endings.ts';
import { askGate, connectJourney, questionOf, readConnectFrame, willOf, type Verdict } from './on-connect.ts';
import { onPacket } from './on-packet.ts';
import { openSession, type OpenSession } from './open-session.ts';
import { Outbox } from './outbox.ts';
import { PacketIntake } from './packet-intake.ts';
import { packetPace } from './packet-pace.ts';
import { readPacket } from './packets/read-packet.ts';
import { handOnWill, logEnd } from './session-aftermath.ts';
import { StreamEnd } from './stream-end.ts';

/** One connection from its first byte to its last: the state union, and what moves it. */
export class DeviceConnection implements Connection {
  readonly closed: Promise<void>;
  readonly #needs: DeviceConnectionNeeds;
  readonly #intake: PacketIntake;
  readonly #outbox: Outbox;
  readonly #deadline: Deadline;
  readonly #streamEnd: StreamEnd;
  #state: ConnectionState = { phase: 'awaiting-connect' };
  #will: Promise<void> | undefined;

  constructor(needs: DeviceConnectionNeeds) {
    const { stream, timers, limits, packets } = needs;
    this.#needs = needs;
    this.#outbox = new Outbox({ stream, packets, unsentBytes: limits.unsentBytes, whenStuck: () => this.#end('connection.does-not-read') });
    this.#streamEnd = new StreamEnd({ stream, packets, timers, lingerMs: limits.lingerMs });
    this.#deadline = new Deadline(timers, () => this.#end(this.#state.phase === 'open' ? 'connection.keep-alive' : 'connection.connect-timeout'));
    this.#intake = new PacketIntake({
      stream,
      ...limits,
      isFirst: () => this.#state.phase === 'awaiting-connect',
      mayTake: packetPace({ timers, limits }),
      take: (frame) => this.#take(packets.in(frame)),
      whenBroken: (ending) => this.#end(ending),
      whenIdle: () => this.#outbox.flush(),
      whenEnded: () => this.#end('connection.gone'),
    });
    this.#deadline.start(limits.connectTimeoutMs);
    this.#listen(stream);
    this.closed = this.#whenClosed();
  }

  shutDown(): void {
    this.#end('session.server-shutting-down');
  }

  /** Works on one packet, and says whether more are wanted. */
  async #take(frame: Buffer): Promise<boolean> {
    const { log, peer } = this.#needs;
    try {
      const ending = await this.#step(frame, this.#state);
      if (ending !== undefined) this.#end(ending);
    } catch (error) {
      log.error({ from: peer.from, error: String(error) }, 'A connection was closed because of a defect in Fleetgate. Please report it.');
      this.#end('connection.out-of-order');
    }
    const { phase } = this.#state;
    return phase === 'open' || phase === 'draining';
  }

  async #step(frame: Buffer, state: ConnectionState): Promise<EndingCode | undefined> {
    switch (state.phase) {
      case 'awaiting-connect':
        return this.#judge(frame);
      case 'open':
      case 'draining':
        return this.#serve(frame, state.session);
      case 'judging':
      case 'closing':
      case 'closed':
        return undefined;
    }
  }

  async #judge(frame: Buffer): Promise<EndingCode | undefined> {
    const { peer, limits } = this.#needs;
    this.#deadline.stop();
    const { terms, ...read } = readConnectFrame(frame, limits);
    this.#state = { phase: 'judging', terms };
    if ('ending' in read) return read.ending;
    const question = questionOf(read.connect, terms.version, peer, (why) => this.#end(`session.${why}`));
    return this.#needs.tracer.journey(connectJourney(peer), async () => {
      const verdict = await askGate(question, this.#needs);
      return this.#needs.tracer.step('connack', () => this.#answer(read.connect, terms, verdict));
    });
  }

  #answer(connect: IConnectPacket, terms: ClientTerms, verdict: Verdict | undefined): EndingCode | undefined {
    if (verdict === undefined) return 'connection.out-of-order';
    if (verdict.granted) return this.#admit(connect, terms, verdict.value);
    if (this.#isJudging()) this.#close(refusalConnack(verdict.refusal, terms));
    return undefined;
  }

  /** Between the question and this answer the peer, the server or the session may have ended. */
  #admit(connect: IConnectPacket, terms: ClientTerms, admission: Admission): EndingCode | undefined {
    const { gate, limits, timers } = this.#needs;
    const device = admission.session;
    const answer = acceptance(admission, terms, limits);
    if (!this.#isJudging() || answer === undefined) {
      gate.disconnect(device);
      return 'connection.answer-too-large';
    }
    const session = openSession({ device, terms, limits, timers, will: willOf(connect, device), outbox: this.#outbox });
    this.#state = { phase: 'open', session, leave: openInbox(session, this.#needs) };
    this.#deadline.start(terms.keepAliveSeconds * 1500);
    this.#outbox.put(answer);
    return undefined;
  }

  async #serve(frame: Buffer, session: OpenSession): Promise<EndingCode | undefined> {
    this.#deadline.hold(true);
    const read = readPacket(frame, session.terms.version);
    const ending = 'ending' in read ? read.ending : await onPacket(read.packet, session, this.#needs);
    this.#deadline.hold(false);
    return ending;
  }

  /** The one way out. What is said, and whether the will counts, are columns of `ENDINGS`. */
  #end(code: EndingCode): void {
    const state = this.#state;
    const { log, peer } = this.#needs;
    switch (state.phase) {
      case 'awaiting-connect':
        logEnd(log, code, peer);
        return this.#close(undefined);
      case 'judging':
        logEnd(log, code, peer);
        return this.#close(endingConnack(code, state.terms));
      case 'open':
        state.leave();
        this.#bequeath(state.session, code);
        return this.#close(farewell(code, state.session.terms), code === 'connection.does-not-read');
      case 'draining':
        this.#state = { phase: 'closed' };
        return this.#bequeath(state.session, code);
      case 'closing':
      case 'closed':
        return undefined;
    }
  }

  #bequeath(session: OpenSession, code: EndingCode): void {
    const { log, sink, peer } = this.#needs;
    this.#intake.stop();
    logEnd(log, code, peer, session);
    this.#will = this.#intake.idle().then(() => handOnWill(session, { code, log, sink }));
  }

  /** Where nothing is said or the peer does not read, there is nothing to wait for. */
  #close(last: Buffer | undefined, atOnce = last === undefined && this.#state.phase !== 'open'): void {
    this.#state = { phase: 'closing' };
    this.#intake.stop();
    this.#deadline.stop();
    this.#outbox.flush();
    if (atOnce) this.#streamEnd.cut();
    else this.#streamEnd.finish(last);
  }

  #streamClosed(): void {
    const state = this.#state;
    this.#deadline.stop();
    if (state.phase === 'open') {
      state.leave();
      this.#state = { phase: 'draining', session: state.session };
      return this.#intake.end();
    }
    this.#state = { phase: 'closed' };
    this.#intake.stop();
  }

  #isJudging(): boolean {
    return this.#state.phase === 'judging';
  }

  #listen(stream: Duplex): void {
    stream.on('data', (chunk: Buffer) => this.#intake.push(chunk));
    stream.on('end', () => this.#intake.end());
    stream.on('error', () => stream.destroy()); // ECONNRESET and the like: `close` follows, and tells all there is to tell.
  }

  async #whenClosed(): Promise<void> {
    await this.#streamEnd.closed;
    this.#streamClosed();
    await this.#intake.idle();
    await this.#will;
  }
}
