import { authorise, byOf, MAY_CHANGE, MAY_READ, principalOf } from '../authorise.ts';
import { answerChange } from '../answer.ts';
import { operation } from '../openapi/operation.ts';
import { changed, LINK, record, TEXT } from '../openapi/schemas.ts';
import { sendProblem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import type { Routes } from '../route-needs.ts';

interface Named {
  readonly category: string;
  readonly key: string;
}

const name = { type: 'string', minLength: 1, maxLength: 256 } as const;
const params = { type: 'object', properties: { category: name, key: name } } as const;
const body = {
  type: 'object',
  required: ['value'],
  properties: { value: { type: 'string', maxLength: 32_768 } },
} as const;

const PATH = '/tenant/options/:category/:key';

const OPTION = { title: 'TenantOption', ...record({ self: LINK, category: TEXT, key: TEXT, value: TEXT }) };

const ofReading = operation({
  tag: 'Tenants',
  summary: 'Read an option',
  answers: { 200: { is: 'The value in force, which may be the default.', body: OPTION }, 404: 'There is neither a value nor a default.' },
});
const ofSetting = operation({
  tag: 'Tenants',
  summary: 'Set an option',
  answers: { 200: changed('The option.', OPTION), 422: 'The value is none that this option can have.' },
});

/** What a tenant chose for itself: the token switch, the lifetime of tokens and the like. Always one's own tenant. */
export const tenantOptionRoutes: Routes = async (app, { tenants, links }) => {
  app.get<{ Params: Named }>(PATH, { schema: { params }, onRequest: [authorise(...MAY_READ)], ...ofReading }, async (request, reply) => {
    const { category, key } = request.params;
    const value = await tenants.option(principalOf(request).tenant, category, key);
    return value === undefined
      ? sendProblem(reply, {
          status: 404,
          error: 'options/Not Found',
          message: `Unable to find option by given key: ${category}/${key} has neither a value nor a default.`,
        })
      : { self: links(request, request.url.split('?', 1)[0]!), category, key, value };
  });

  app.put<{ Params: Named; Body: { readonly value: string } }>(
    PATH,
    { schema: { params, body }, onRequest: [authorise(...MAY_CHANGE)], ...ofSetting },
    async (request, reply) => {
      const option = { category: request.params.category, key: request.params.key, value: request.body.value };
      const set = await tenants.setOption(principalOf(request).tenant, option, byOf(request));
      if (!set.granted) return sendRefusal(reply, set.refusal);
      return answerChange(request, reply, {
        status: 200,
        body: { self: links(request, request.url.split('?', 1)[0]!), ...option },
      });
    },
  );
};
