import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PlannedChange, PlannedOption } from '../../../domain/impact/impact.ts';
import { isAboutChecks, isSecret, MASK, nameOf, type TenantOption } from '../../../domain/trust/tenant-option.ts';
import { authorise, byOf, MAY_CHANGE, MAY_READ, principalOf } from '../authorise.ts';
import { answerChange } from '../answer.ts';
import { etagOf, ifMatch, withEtag } from '../if-match.ts';
import { isAnswered } from '../is-answered.ts';
import { DRY_RUN, FORESEEN, IMPACT, NOT_CONFIRMED } from '../openapi/impact-schemas.ts';
import { operation, type Answer } from '../openapi/operation.ts';
import { NEW_OPTION, OPTION, OPTION_MAP, OPTIONS, VALUE, VALUES } from '../openapi/option-schemas.ts';
import { IF_MATCH, PAGING } from '../openapi/schemas.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { badRequest, sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';

interface Named {
  readonly category: string;
  readonly key: string;
}

const name = { type: 'string', minLength: 1, maxLength: 256 } as const;
const params = { type: 'object', properties: { category: name, key: name } } as const;
const value = { type: 'string', maxLength: 32_768 } as const;
const body = { type: 'object', required: ['value'], properties: { value } } as const;
const values = { type: 'object', maxProperties: 100, additionalProperties: value } as const;
const wholeOption = { type: 'object', required: ['category', 'key', 'value'], properties: { category: name, key: name, value } } as const;

const LIST = '/tenant/options';
const CATEGORY = `${LIST}/:category`;
const ONE = `${CATEGORY}/:key`;
const onRequestToRead = [authorise(...MAY_READ)];
const onRequest = [authorise(...MAY_CHANGE)];
const unusable = { 422: 'Fleetgate reads this option, and cannot use the value; or a name or value is too long.' };

/** What a tenant chose for itself: the token switch, the lifetime of tokens and the like. Always one's own tenant. Secrets are written, never read. */
export const tenantOptionRoutes: Routes = async (app, needs) => {
  readOptions(app, needs);
  changeOption(app, needs);
  changeOptions(app, needs);
};

const pathOf = ({ category, key }: Named): string => `${LIST}/${encodeURIComponent(category)}/${encodeURIComponent(key)}`;
const tenantOf = (request: FastifyRequest) => principalOf(request).tenant;

/** A tag made of a secret would let it be guessed. */
const tagOf = ({ key, value: it }: TenantOption): string | undefined => (isSecret(key) ? undefined : etagOf(it));

function readOptions(app: FastifyInstance, { tenants, links }: RouteNeeds): void {
  const asOne = operation({ tag: 'Tenants', summary: 'Show an option', answers: { 200: OPTION, 404: 'It has neither a value nor a default.' } });
  app.get<{ Params: Named }>(ONE, { schema: { params }, onRequest: onRequestToRead, ...asOne }, async (request, reply) => {
    const { category, key } = request.params;
    const inForce = await tenants.option(tenantOf(request), category, key);
    if (inForce === undefined) {
      const message = `Unable to find option by given key: ${category}/${key} has neither a value nor a default.`;
      return sendProblem(reply, { status: 404, error: 'options/Not Found', message });
    }
    const option = { category, key, value: inForce };
    return withEtag(reply, tagOf(option)).send({ self: links(request, request.url.split('?', 1)[0]!), ...option });
  });

  const asList = operation({ tag: 'Tenants', summary: 'List the options that were set', query: PAGING, answers: { 200: OPTIONS } });
  app.get(LIST, { onRequest: onRequestToRead, ...asList }, async (request, reply) => {
    const paging = readPaging(request.query as Query);
    if (!paging.granted) return sendProblem(reply, paging.refusal);
    const page = await tenants.options(tenantOf(request), paging.value);
    const options = page.items.map((option) => ({ self: links(request, pathOf(option)), ...option }));
    return { ...pageFrame(request, links, paging.value, page), options };
  });

  const asMap = operation({ tag: 'Tenants', summary: 'Show the options of a category', answers: { 200: OPTION_MAP } });
  app.get<{ Params: Named }>(CATEGORY, { schema: { params }, onRequest: onRequestToRead, ...asMap }, async (request) =>
    mapOf(await tenants.optionsOf(tenantOf(request), request.params.category)),
  );
}

function changeOption(app: FastifyInstance, needs: RouteNeeds): void {
  const { tenants, links } = needs;
  const meanwhile = { 412: 'The option was changed meanwhile.' };
  const asPut = operation({
    ...{ tag: 'Tenants', summary: 'Set an option', headers: IF_MATCH, query: DRY_RUN, body: VALUE },
    answers: { 200: { ...orForeseen(OPTION), mayBeEmpty: true }, ...meanwhile, ...unusable, 409: NOT_CONFIRMED },
  });
  app.put<{ Params: Named; Body: { readonly value: string } }>(ONE, { schema: { params, body }, onRequest, ...asPut }, async (request, reply) => {
    const { category, key } = request.params;
    const option = { category, key, value: request.body.value };
    if (await isAnswered(needs, request, reply, planned(request, [option]))) return reply;
    const isExpected = ifMatch<string>(request, (now) => tagOf({ category, key, value: now }));
    const set = await tenants.setOption(tenantOf(request), option, byOf(request), isExpected);
    if (!set.granted) return sendRefusal(reply, set.refusal);
    const self = links(request, request.url.split('?', 1)[0]!);
    return answerChange(request, withEtag(reply, tagOf(option)), { status: 200, body: { self, ...shown(option) } });
  });

  const asDelete = operation({ tag: 'Tenants', summary: 'Remove an option: its default is in force again', headers: IF_MATCH, query: DRY_RUN, answers: { 200: { is: FORESEEN, body: IMPACT }, 204: 'Removed.', 404: 'It was not set.', ...meanwhile, 409: NOT_CONFIRMED } });
  app.delete<{ Params: Named }>(ONE, { schema: { params }, onRequest, ...asDelete }, async (request, reply) => {
    const { category, key } = request.params;
    if (await isAnswered(needs, request, reply, planned(request, [{ category, key }]))) return reply;
    const isExpected = ifMatch<string>(request, (now) => tagOf({ category, key, value: now }));
    const removed = await tenants.removeOption(tenantOf(request), { category, key }, byOf(request), isExpected);
    return removed.granted ? reply.code(204).send() : sendRefusal(reply, removed.refusal);
  });
}

function changeOptions(app: FastifyInstance, needs: RouteNeeds): void {
  const { tenants, links } = needs;
  const asPost = operation({ tag: 'Tenants', summary: 'Set an option named in the body', query: DRY_RUN, body: NEW_OPTION, answers: { 200: { is: FORESEEN, body: IMPACT }, 201: { ...OPTION, mayBeEmpty: true }, ...unusable, 409: NOT_CONFIRMED } });
  app.post<{ Body: TenantOption }>(LIST, { schema: { body: wholeOption }, onRequest, ...asPost }, async (request, reply) => {
    const { category, key, value: it } = request.body;
    const option = { category, key, value: it };
    if (await isAnswered(needs, request, reply, planned(request, [option]))) return reply;
    const set = await tenants.setOption(tenantOf(request), option, byOf(request));
    if (!set.granted) return sendRefusal(reply, set.refusal);
    const self = links(request, pathOf(option));
    return answerChange(request, withEtag(reply, tagOf(option)), { status: 201, location: self, body: { self, ...shown(option) } });
  });

  const asPut = operation({
    ...{ tag: 'Tenants', summary: 'Set several options of a category, all or none', query: DRY_RUN, body: VALUES },
    answers: { 200: { ...orForeseen(OPTION_MAP), mayBeEmpty: true }, ...unusable, 409: NOT_CONFIRMED },
  });
  app.put<{ Params: Named; Body: Readonly<Record<string, string>> }>(CATEGORY, { schema: { params, body: values }, onRequest, ...asPut }, async (request, reply) => {
    const { category } = request.params;
    const options = Object.entries(request.body).map(([key, it]) => ({ category, key, value: it }));
    if (options.length === 0) return sendProblem(reply, badRequest('The body names no option. Send values by key, such as {"device-token.enabled":"true"}.'));
    if (await isAnswered(needs, request, reply, planned(request, options))) return reply;
    const set = await tenants.setOptions(tenantOf(request), options, byOf(request));
    if (!set.granted) return sendRefusal(reply, set.refusal);
    return answerChange(request, reply, { status: 200, body: mapOf(await tenants.optionsOf(tenantOf(request), category)) });
  });
}

/** Options that are about no check let in as many afterwards as before. */
function planned(request: FastifyRequest, options: readonly PlannedOption[]): PlannedChange {
  const tenant = tenantOf(request);
  const checks = options.filter(isAboutChecks);
  return checks.length > 0 ? { kind: 'option.change', tenant, options: checks } : { kind: 'none', tenant, subject: options.map(nameOf).join(', ') };
}

const orForeseen = ({ is, body: schema }: Answer): Answer => ({ is: `${is} ${FORESEEN}`, body: { anyOf: [schema, IMPACT] } });

const shown = (option: TenantOption): TenantOption => (isSecret(option.key) ? { ...option, value: MASK } : option);
const mapOf = (options: readonly TenantOption[]): object => Object.fromEntries(options.map(({ key, value: it }) => [key, it]));
