import type { Explanation } from '../../core/explain/explanation.ts';
import type { FeatureExplanation } from './explain.ts';

type Of<Result> = (parent: FeatureExplanation) => Result;

function plain<Name extends keyof Explanation>(name: Name): Of<Explanation[Name]> {
  return ({ explanation }) => explanation[name];
}

/** Resolvers of `FeatureExplanation`: the parts of the explanation that are asked for by name. */
export const explanationResolvers = {
  feature: plain('feature'),
  value: plain('value'),
  type: plain('type'),
  status: plain('status'),
  defaulted: plain('defaulted'),
  reason: plain('reason'),
  served: plain('served'),
  view: (({ explanation }) => explanation.definition.view) satisfies Of<string>,
  version: (({ explanation }) => explanation.definition.version) satisfies Of<number>,
  hash: (({ explanation }) => explanation.definition.hash) satisfies Of<string>,
  at: (({ explanation }) => explanation.question.at) satisfies Of<string>,
  knownAt: (({ explanation }) => explanation.question.knownAt) satisfies Of<string>,
  mode: (({ explanation }) => explanation.question.mode) satisfies Of<string>,
  agrees: (({ explanation }) => explanation.served.every(({ agrees }) => agrees)) satisfies Of<boolean>,
  window: (({ explanation }) => ('window' in explanation ? explanation.window : null)) satisfies Of<unknown>,
  outcomes: (({ explanation }) => outcomesOf(explanation)) satisfies Of<unknown>,
};

function outcomesOf(explanation: Explanation) {
  switch (explanation.kind) {
    case 'column':
      return explanation.rows;
    case 'aggregate':
    case 'ratio':
      return explanation.terms[0]?.events ?? [];
    case 'computed':
      return [];
  }
}
