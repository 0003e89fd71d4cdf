import { AsofError } from '../../errors/asof-error.ts';
import { describeInput } from '../../values/describe-input.ts';
import type { Expression } from '../model.ts';
import { type Declared, declaredBy } from './brand.ts';

/** Definitions run without a look at their types, so a builder may be given anything. What it cannot use is refused here. */

/**
 * @param path the call, since the builder does not know yet what it is for; the error of the file tells its line
 * @throws AsofError BAD_DEFINITION for what is no expression
 */
export function expressionGiven(given: unknown, path: string): Expression {
  const tree = typeof given === 'object' && given !== null && 'tree' in given ? given.tree : undefined;
  if (tree !== undefined) return tree as Expression;
  throw new AsofError('BAD_DEFINITION', 'is no expression', {
    path,
    expected: "one, as col('delay').gt(15)",
    got: describeInput(given),
    remedy: 'Write it with col(…), its methods and fn; text is not parsed.',
  });
}

const makers = {
  entities: ['entity', 'entity'],
  sources: ['source', 'eventSource or rowSource'],
  views: ['view', 'featureView'],
  onDemandViews: ['on-demand view', 'onDemandView'],
  services: ['service', 'featureService'],
  functions: ['function', 'userFunction'],
} as const satisfies Record<Declared['kind'], readonly [what: string, maker: string]>;

/** @throws AsofError BAD_DEFINITION for what no builder of these kinds has made */
export function definitionGiven(given: unknown, kinds: readonly Declared['kind'][], path: string): Declared {
  const declared = declaredBy(given);
  if (declared !== null && kinds.includes(declared.kind)) return declared;
  const { name = null } = declared?.definition ?? {};
  throw new AsofError('BAD_DEFINITION', `is no ${kinds.map((kind) => makers[kind][0]).join(' or ')}`, {
    path,
    expected: `what ${kinds.map((kind) => makers[kind][1]).join(' or ')} returned`,
    got: declared === null ? describeInput(given) : `the ${makers[declared.kind][0]} ${JSON.stringify(name)}`,
  });
}
