import { AsofError } from '../../core/errors/asof-error.ts';
import type { Credentials } from '../access/authenticator.ts';
import { type Need, type Principal, toldPrincipalHeader } from '../access/principal.ts';
import type { PublicErrors } from '../graphql-errors.ts';
import { type GuardedRoute, httpStatusOf, type Route } from '../http-route.ts';
import type { QuickConnectionsDeps, QuickResponse } from './quick-connections.ts';

export interface QuickAnswersDeps {
  readonly routes: readonly Route[];
  readonly admit: (credentials: Credentials, need: Need, what: string) => Promise<Principal>;
  /** What routes need that say nothing else. */
  readonly needs: Need;
  /** Throws for an address that is not answered. */
  readonly addressOf: (authority: string, path: string) => URL;
  readonly publicErrors: PublicErrors;
}

/** What a host does with a request, as far as it takes for one whose route has a short way. */
export function createQuickAnswers(deps: QuickAnswersDeps): QuickConnectionsDeps['answer'] {
  const { routes, admit, needs, addressOf, publicErrors } = deps;

  function isAnswered(authority: string, path: string): boolean {
    try {
      return addressOf(authority, path).pathname === path;
    } catch {
      return false;
    }
  }

  function refusal(error: unknown): QuickResponse {
    const status = error instanceof AsofError ? httpStatusOf(error.code) : 500;
    return {
      status,
      headers: {
        ...(status === 503 && { 'retry-after': '1' }),
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
      },
      body: `${JSON.stringify({ errors: [publicErrors(error).toJSON()] })}\n`,
    };
  }

  async function answer(
    route: GuardedRoute,
    post: Parameters<NonNullable<GuardedRoute['quick']>>[0],
    shown: Credentials,
  ) {
    const principal = await admit(shown, route.needs ?? needs, route.path);
    try {
      return await (route.quick?.(post, principal) ?? null);
    } catch (error) {
      return refusal(error);
    }
  }

  return ({ path, host, accept, authorization, told }, body) => {
    const route = routes.find((one) => one.path === path && one.isOpen !== true && one.quick !== undefined);
    if (route === undefined || route.isOpen === true || !isAnswered(host, path)) return null;
    const post = { accept, isTold: told !== undefined, text: body.toString('utf8') };
    return answer(route, post, { authorization, [toldPrincipalHeader]: told });
  };
}
