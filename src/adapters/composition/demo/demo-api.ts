export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks the HTTP API of the gate on this machine: `api('GET /user/currentUser', { authorization })`. */
export type DemoApi = (request: `${'GET' | 'POST' | 'PUT'} ${string}`, wish: { readonly authorization: string; readonly body?: object }) => Promise<Answer>;

export const apiOn =
  (port: number): DemoApi =>
  async (request, { authorization, body }) => {
    const [method, path] = request.split(' ');
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: method!,
      headers: { authorization, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {} };
  };

export const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
