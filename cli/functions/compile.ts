import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import type { UserFunctionsDeps } from '../../adapters/quickjs/user-functions.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { compileDefinitions } from '../../core/registry/compile.ts';
import { engineFor } from '../../core/registry/engine-for.ts';
import { userFunctionsOnDemand } from './open.ts';

/** Definitions of a file, ready to be executed, with the engine that their functions need. */
export async function compileWithFunctions(
  definitions: Definitions,
  onFailure: UserFunctionsDeps['onFailure'] = () => {},
): Promise<CompiledRegistry> {
  const open = userFunctionsOnDemand({ clock: createSystemClock(), onFailure });
  return compileDefinitions(definitions, await engineFor(open, null, definitions));
}
