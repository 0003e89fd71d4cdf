import type { UserFunctionsDeps } from '../../adapters/quickjs/user-functions.ts';
import type { OpenUserFunctions } from '../../core/ports/user-functions.ts';

/** The engine of users' functions, loaded when it is first asked for: most definitions have none. */
export function userFunctionsOnDemand(deps: UserFunctionsDeps): OpenUserFunctions {
  let opened: ReturnType<OpenUserFunctions> | null = null;
  return () => {
    opened ??= import('../../adapters/quickjs/user-functions.ts').then((engine) => engine.openUserFunctions(deps));
    return opened;
  };
}
