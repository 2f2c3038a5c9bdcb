import { bulkRoute } from './bulk/bulk-route.ts';
import { forwardAuthRoute } from './forward-auth/forward-auth-route.ts';
import { auditRoutes } from './routes/audit.ts';
import { crlSettingsRoutes } from './routes/crl-settings.ts';
import { currentTenantRoutes } from './routes/current-tenant.ts';
import { currentUserRoutes } from './routes/current-user.ts';
import { deviceAccessTokenRoutes } from './routes/device-access-token.ts';
import { deviceBlockRoutes } from './routes/device-block.ts';
import { deviceRoutes } from './routes/devices.ts';
import { discoveryRoutes } from './routes/discovery.ts';
import { forecastRoutes } from './routes/forecast.ts';
import { explainRoutes } from './routes/explain.ts';
import { healthRoutes } from './routes/health.ts';
import { identityRoutes } from './routes/identity.ts';
import { inventoryRoutes } from './routes/inventory.ts';
import { jwksRoutes } from './routes/jwks.ts';
import { keyRoutes } from './routes/keys.ts';
import { loginOptionRoutes } from './routes/login-options.ts';
import { logoutRoute } from './routes/logout.ts';
import { deviceCredentialRoutes, newDeviceRequestRoutes } from './routes/new-device-requests.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { objectChildRoutes } from './routes/object-children.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { operationRoutes } from './routes/operations.ts';
import { ownUserRoutes } from './routes/own-user.ts';
import { proofOfPossessionRoutes } from './routes/proof-of-possession.ts';
import { refusalRoutes } from './routes/refusals.ts';
import { reportRoutes } from './routes/reports.ts';
import { rolloverRoutes } from './routes/rollovers.ts';
import { revocationRoutes } from './routes/revocations.ts';
import { revocationListRoutes } from './routes/revocation-lists.ts';
import { systemOptionRoutes } from './routes/system-options.ts';
import { tenantOptionRoutes } from './routes/tenant-options.ts';
import { tenantRoutes } from './routes/tenants.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { trustedCertificateRoutes } from './routes/trusted-certificates.ts';
import { userRoleRoutes } from './routes/user-roles.ts';
import { userRoutes } from './routes/users.ts';
import { verifyChainRoutes } from './routes/verify-chain.ts';
import type { Routes } from './route-needs.ts';

/** Anybody may ask these; some find out for themselves who it is. */
export const PUBLIC_ROUTES: readonly Routes[] = [
  healthRoutes,
  jwksRoutes,
  discoveryRoutes,
  openapiRoutes,
  loginOptionRoutes,
  deviceAccessTokenRoutes,
  deviceCredentialRoutes,
  forwardAuthRoute,
  metricsRoutes,
];

/** Behind `authenticate`. A new part of the API is a new file and one line here. */
export const PROTECTED_ROUTES: readonly Routes[] = [
  currentTenantRoutes,
  currentUserRoutes,
  trustedCertificateRoutes,
  proofOfPossessionRoutes,
  verifyChainRoutes,
  crlSettingsRoutes,
  revocationRoutes,
  revocationListRoutes,
  tenantOptionRoutes,
  tenantRoutes,
  deviceRoutes,
  bulkRoute,
  keyRoutes,
  auditRoutes,
  deviceBlockRoutes,
  refusalRoutes,
  explainRoutes,
  logoutRoute,
  tokenRoutes,
  inventoryRoutes,
  objectChildRoutes,
  identityRoutes,
  operationRoutes,
  reportRoutes,
  userRoutes,
  userRoleRoutes,
  ownUserRoutes,
  systemOptionRoutes,
  newDeviceRequestRoutes,
  rolloverRoutes,
  forecastRoutes,
];
