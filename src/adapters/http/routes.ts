import { bulkRoute } from './bulk/bulk-route.ts';
import { discoveryRoutes } from './routes/discovery.ts';
import { forwardAuthRoute } from './forward-auth/forward-auth-route.ts';
import { logoutRoute } from './routes/logout.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { currentTenantRoutes } from './routes/current-tenant.ts';
import { currentUserRoutes } from './routes/current-user.ts';
import { deviceAccessTokenRoutes } from './routes/device-access-token.ts';
import { deviceBlockRoutes } from './routes/device-block.ts';
import { deviceUserRoutes } from './routes/device-users.ts';
import { deviceRoutes } from './routes/devices.ts';
import { healthRoutes } from './routes/health.ts';
import { identityRoutes } from './routes/identity.ts';
import { inventoryRoutes } from './routes/inventory.ts';
import { jwksRoutes } from './routes/jwks.ts';
import { keyRoutes } from './routes/keys.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { proofOfPossessionRoutes } from './routes/proof-of-possession.ts';
import { objectChildRoutes } from './routes/object-children.ts';
import { operationRoutes } from './routes/operations.ts';
import { reportRoutes } from './routes/reports.ts';
import { tenantOptionRoutes } from './routes/tenant-options.ts';
import { tenantRoutes } from './routes/tenants.ts';
import { trustedCertificateRoutes } from './routes/trusted-certificates.ts';
import { verifyChainRoutes } from './routes/verify-chain.ts';
import type { Routes } from './route-needs.ts';

/** Anybody may ask these; some find out for themselves who it is. */
export const PUBLIC_ROUTES: readonly Routes[] = [healthRoutes, jwksRoutes, discoveryRoutes, openapiRoutes, deviceAccessTokenRoutes, forwardAuthRoute];

/** Behind `authenticate`. A new part of the API is a new file and one line here. */
export const PROTECTED_ROUTES: readonly Routes[] = [
  currentTenantRoutes,
  currentUserRoutes,
  trustedCertificateRoutes,
  proofOfPossessionRoutes,
  verifyChainRoutes,
  tenantOptionRoutes,
  tenantRoutes,
  deviceRoutes,
  bulkRoute,
  keyRoutes,
  deviceBlockRoutes,
  logoutRoute,
  tokenRoutes,
  inventoryRoutes,
  objectChildRoutes,
  identityRoutes,
  operationRoutes,
  reportRoutes,
  deviceUserRoutes,
];
