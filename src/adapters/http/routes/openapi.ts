import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyReply } from 'fastify';
import { operation } from '../openapi/operation.ts';
import { sendProblem } from '../problem.ts';
import type { Routes } from '../route-needs.ts';

/** Swagger UI itself lies in the package; it is read when somebody looks at the page. */
const PACKAGE = new URL('static/', import.meta.resolve('@fastify/swagger-ui'));

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fleetgate API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="openapi/swagger-ui.css">
<link rel="stylesheet" href="openapi/page.css">
</head>
<body>
<div id="page"><noscript>This page needs JavaScript. The document itself: <a href="openapi.json">openapi.json</a>.</noscript></div>
<script src="openapi/swagger-ui-bundle.js"></script>
<script src="openapi/page.js"></script>
</body>
</html>
`;

/** It shows and does not send: no field for a password, no button that asks the API, nobody asked whether the document is valid. */
const SCRIPT = `SwaggerUIBundle({
  url: 'openapi.json', dom_id: '#page', deepLinking: true, supportedSubmitMethods: [], validatorUrl: null, filter: true,
  defaultModelsExpandDepth: 0, defaultModelExpandDepth: 3, docExpansion: 'list', queryConfigEnabled: false,
  requestInterceptor: (request) => ({ ...request, credentials: 'omit' }),
});
`;

const STYLE = `body { margin: 0; }
.swagger-ui .auth-wrapper, .swagger-ui .authorization__btn, .swagger-ui .scheme-container, .swagger-ui .try-out { display: none; }
`;

/** Only what lies here is loaded, and only the document is asked for. */
const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "base-uri 'none'",
  "form-action 'none'", "frame-ancestors 'none'",
].join('; ');

const FILES: Readonly<Record<string, { readonly type: string; readonly read: () => Promise<string | Buffer> }>> = {
  'swagger-ui.css': { type: 'text/css; charset=utf-8', read: () => readFile(fileURLToPath(new URL('swagger-ui.css', PACKAGE))) },
  'swagger-ui-bundle.js': { type: 'text/javascript; charset=utf-8', read: () => readFile(fileURLToPath(new URL('swagger-ui-bundle.js', PACKAGE))) },
  'page.css': { type: 'text/css; charset=utf-8', read: async () => STYLE },
  'page.js': { type: 'text/javascript; charset=utf-8', read: async () => SCRIPT },
};

const text = { type: 'string' } as const;

/** What the API is, for programs and for people. Both are public: they hold nothing that the sources do not. */
export const openapiRoutes: Routes = async (app) => {
  const ofDocument = operation({
    tag: 'Instance',
    summary: 'This document',
    answers: { 200: { is: 'The OpenAPI 3.1 document.', body: { type: 'object' } } },
  });
  app.get('/openapi.json', ofDocument, async (_request, reply) =>
    cacheable(reply, 'application/json; charset=utf-8').send(app.openapi()));

  const ofPage = operation({
    tag: 'Instance',
    summary: 'This document as a page',
    answers: { 200: { is: 'A page for people.', body: { byType: { 'text/html': text } } } },
  });
  app.get('/openapi', ofPage, async (_request, reply) => cacheable(reply, 'text/html; charset=utf-8').send(HTML));

  const ofFile = operation({
    tag: 'Instance',
    summary: 'A part of that page',
    params: { file: { type: 'string', enum: Object.keys(FILES) } },
    answers: {
      200: { is: 'The file.', body: { byType: { 'text/css': text, 'text/javascript': text } } },
      404: 'The page has no such part.',
    },
  });
  app.get<{ Params: { file: string } }>('/openapi/:file', ofFile, async (request, reply) => {
    const file = Object.hasOwn(FILES, request.params.file) ? FILES[request.params.file] : undefined;
    if (file === undefined) return sendProblem(reply, NO_FILE);
    return cacheable(reply, file.type).send(await file.read());
  });
};

const NO_FILE = { status: 404, error: 'general/Not Found', message: 'The page has no such part. It is at /openapi, and the document at /openapi.json.' };

const cacheable = (reply: FastifyReply, type: string): FastifyReply =>
  reply.headers({
    'content-type': type,
    'cache-control': 'public, max-age=300',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
