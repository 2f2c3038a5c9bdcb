import type { Container } from 'inversify';
import { AuditLog } from '../../ports/driven/audit-log.ts';
import { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import { RevocationStore } from '../../ports/driven/revocation-store.ts';
import { SessionBoard } from '../../ports/driven/session-board.ts';
import { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { TokenSigner } from '../../ports/driven/token-signer.ts';
import { NO_TRACES, Tracer } from '../../ports/driven/tracer.ts';
import { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { Token } from '../../ports/token.ts';
import type { Settings } from '../config/settings.ts';
import { traced, type StepNames } from '../traces/traced.ts';
import { tracedAudit } from '../traces/traced-audit.ts';

type TraceSettings = Pick<Settings, 'otlpEndpoint'>;

/** Binds `Tracer`. Off, nothing of OpenTelemetry is even read. */
export async function provideTracer(container: Container, { otlpEndpoint }: TraceSettings): Promise<void> {
  if (otlpEndpoint === undefined) container.bind<Tracer>(Tracer).toConstantValue(NO_TRACES);
  else container.load((await import('../traces/traces.module.ts')).tracesModule(otlpEndpoint));
}

/** Makes what the use cases ask of the world the steps of a trace; off, nothing stands before an adapter. Call it after all modules are loaded. */
export function trace(container: Container, { otlpEndpoint }: TraceSettings): void {
  if (otlpEndpoint === undefined) return;
  const steps = <T extends object>(port: Token<T>, names: StepNames<T>): void => {
    container.onActivation<T>(port, (context, adapter) => traced(adapter, names, context.get<Tracer>(Tracer)));
  };
  steps(CertificateReader, { read: 'chain.read' });
  steps(TrustAnchorStore, { findNamed: 'path.find-anchors' });
  steps(SignatureVerifier, { verifies: 'path.verify-signature' });
  steps(TenantDirectory, { find: 'tenant.find', optionsOf: 'checks.options', option: 'tenant.option' });
  steps(RevocationStore, { about: 'checks.revocations' });
  steps(RevocationLists, { ofTenant: 'checks.lists', ruleOf: 'checks.list-rule' });
  steps(ResponderAnswers, { about: 'checks.responders', ruleOf: 'checks.responder-rule' });
  steps(DeviceRegistry, { find: 'registration.find-device', register: 'registration.register' });
  steps(SessionBoard, { open: 'session.open' });
  steps(TokenSigner, { sign: 'token.sign' });
  container.onActivation<AuditLog>(AuditLog, (context, lines) => tracedAudit(lines, context.get<Tracer>(Tracer)));
}
