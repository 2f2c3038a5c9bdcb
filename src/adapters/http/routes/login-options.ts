import { operation } from '../openapi/operation.ts';
import { LINK, list, record, TEXT, WHETHER } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';

const option = record({ self: LINK, id: TEXT, type: { enum: ['BASIC'] }, userManagementSource: { enum: ['INTERNAL'] }, visibleOnLoginPage: WHETHER });
const body = { title: 'LoginOptions', ...record({ self: LINK, loginOptions: list(option) }) };

/** Clients ask before they log in how one does that here. The answer is the same for every tenant, so it tells of none. */
export const loginOptionRoutes: Routes = async (app, { links }) => {
  const asList = operation({ tag: 'Instance', summary: 'Say how one logs in here', answers: { 200: { is: 'Basic, and nothing else.', body } } });
  app.get('/tenant/loginOptions', asList, async (request) => {
    const self = links(request, '/tenant/loginOptions');
    return { self, loginOptions: [{ self: `${self}/basic`, id: 'basic', type: 'BASIC', userManagementSource: 'INTERNAL', visibleOnLoginPage: true }] };
  });
};
