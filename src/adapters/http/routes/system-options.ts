import { ROLES } from '../../../domain/access/administrator.ts';
import { authorise } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { OPTION, SYSTEM_OPTIONS } from '../openapi/option-schemas.ts';
import { sendProblem } from '../problem.ts';
import type { Routes } from '../route-needs.ts';

const LIST = '/tenant/system/options';

/** What the operator of the instance chose, as far as clients ask for it (wire-contract §1.6). Settings, so nobody changes them here. */
export const systemOptionRoutes: Routes = async (app, { system, links }) => {
  const options = [
    { category: 'ssl', key: 'shared-truststore.enabled', value: String(system.sharedTrust) },
    { category: 'system', key: 'version', value: system.version },
  ];
  const mayRead = { onRequest: [authorise(...ROLES)] };
  const linked = (request: Parameters<typeof links>[0], option: (typeof options)[number]): object => ({
    self: links(request, `${LIST}/${option.category}/${option.key}`),
    ...option,
  });

  const asList = operation({ tag: 'Instance', summary: 'List the options of the instance', answers: { 200: SYSTEM_OPTIONS } });
  app.get(LIST, { ...mayRead, ...asList }, async (request) => ({ self: links(request, LIST), options: options.map((option) => linked(request, option)) }));

  const asOne = operation({ tag: 'Instance', summary: 'Show an option of the instance', answers: { 200: OPTION, 404: 'There is no such option.' } });
  app.get<{ Params: { category: string; key: string } }>(`${LIST}/:category/:key`, { ...mayRead, ...asOne }, async (request, reply) => {
    const { category, key } = request.params;
    const option = options.find((each) => each.category === category && each.key === key);
    const message = `Unable to find option by given key: ${category}/${key} is no option of the instance. GET ${LIST} lists them.`;
    return option ? linked(request, option) : sendProblem(reply, { status: 404, error: 'options/Not Found', message });
  });
};
