import type { AnyNode, Pattern } from 'acorn';

export type FunctionNode = Extract<
  AnyNode,
  { readonly type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }
>;

/** The names that a function reads or writes and nothing inside of it declares, in the order they are met. */
export function freeNames(root: FunctionNode): readonly string[] {
  const free = new Set<string>();
  const visit = (node: AnyNode, scope: Scope): void => {
    if (node.type === 'Identifier') {
      if (!isDeclared(node.name, scope)) free.add(node.name);
      return;
    }
    const inner = { names: declaredBy(node), outer: scope };
    for (const child of readBy(node)) visit(child, inner);
  };
  visit(root, { names: new Set(), outer: null });
  return [...free];
}

interface Scope {
  readonly names: ReadonlySet<string>;
  readonly outer: Scope | null;
}

function isDeclared(name: string, scope: Scope | null): boolean {
  return scope !== null && (scope.names.has(name) || isDeclared(name, scope.outer));
}

export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  );
}

/** The names that a node brings for everything below it. */
function declaredBy(node: AnyNode): ReadonlySet<string> {
  if (isFunction(node)) {
    const own = node.type === 'FunctionExpression' && node.id ? [node.id.name] : [];
    if (node.type !== 'ArrowFunctionExpression') own.push('arguments');
    return new Set([...own, ...node.params.flatMap(boundBy), ...hoisted(node.body)]);
  }
  switch (node.type) {
    case 'BlockStatement':
    case 'StaticBlock':
      return new Set(node.body.flatMap(lexical));
    case 'SwitchStatement':
      return new Set(node.cases.flatMap((one) => one.consequent.flatMap(lexical)));
    case 'ForStatement':
      return new Set(node.init ? lexical(node.init) : []);
    case 'ForInStatement':
    case 'ForOfStatement':
      return new Set(lexical(node.left));
    case 'CatchClause':
      return new Set(node.param ? boundBy(node.param) : []);
    case 'ClassExpression':
      return new Set(node.id ? [node.id.name] : []);
    default:
      return new Set();
  }
}

/** What let, const, class and function declare in the block where they stand. */
function lexical(node: AnyNode): string[] {
  if (node.type === 'VariableDeclaration' && node.kind !== 'var')
    return node.declarations.flatMap(({ id }) => boundBy(id));
  if ((node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id) return [node.id.name];
  return [];
}

/** What `var` declares anywhere in a function. */
function hoisted(node: AnyNode): string[] {
  if (isFunction(node)) return [];
  const own =
    node.type === 'VariableDeclaration' && node.kind === 'var'
      ? node.declarations.flatMap(({ id }) => boundBy(id))
      : [];
  return [...own, ...childrenOf(node).flatMap(hoisted)];
}

function boundBy(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => boundBy(one.type === 'RestElement' ? one.argument : one.value));
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element === null ? [] : boundBy(element)));
    case 'RestElement':
      return boundBy(pattern.argument);
    case 'AssignmentPattern':
      return boundBy(pattern.left);
    case 'MemberExpression':
      return [];
  }
}

/** Children that may read names: not the names of members, properties and labels. */
function readBy(node: AnyNode): readonly AnyNode[] {
  switch (node.type) {
    case 'MemberExpression':
      return node.computed ? [node.object, node.property] : [node.object];
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return [...(node.computed ? [node.key] : []), ...(node.value ? [node.value] : [])];
    case 'LabeledStatement':
      return [node.body];
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'MetaProperty':
      return [];
    default:
      return childrenOf(node);
  }
}

export function childrenOf(node: AnyNode): readonly AnyNode[] {
  return Object.values(node).flatMap((part: unknown) => (Array.isArray(part) ? part : [part]).filter(isNode));
}

function isNode(part: unknown): part is AnyNode {
  return typeof part === 'object' && part !== null && 'type' in part && typeof part.type === 'string';
}
