import { AsofError } from '../../core/errors/asof-error.ts';

/** What a token is good for; each role may do what those before it may. */
export const accessRoles = ['reader', 'writer', 'admin'] as const;
export type AccessRole = (typeof accessRoles)[number];

/** Who asks. */
export interface Principal {
  /** As the token file has it; null where no tokens are asked for, and nobody says who it is. */
  readonly name: string | null;
  readonly role: AccessRole;
  /** Whether the request came from the gateway, for itself or for the one that is named here. */
  readonly isGateway: boolean;
}

/** What a place asks of a principal: a role, or that the gateway brings it. */
export type Need = AccessRole | 'gateway';

/** Whoever reaches an address where no tokens are asked for. */
export const localPrincipal: Principal = { name: null, role: 'admin', isGateway: true };

export function meetsNeed({ isGateway, role }: Principal, need: Need): boolean {
  return need === 'gateway' ? isGateway : accessRoles.indexOf(role) >= accessRoles.indexOf(need);
}

/**
 * Refuses a principal that lacks what is needed.
 *
 * @param what is asked for, as in `the mutation apply`
 * @throws AsofError FORBIDDEN
 */
export function requireNeed(principal: Principal, need: Need, what: string): void {
  if (meetsNeed(principal, need)) return;
  if (need === 'gateway') {
    throw new AsofError('FORBIDDEN', `${what} is for the gateway only`, {
      expected: "the gateway's token",
      got: `that of '${principal.name ?? 'nobody'}'`,
      remedy: 'Ask the gateway, which has the whole graph.',
    });
  }
  throw new AsofError('FORBIDDEN', `'${principal.name ?? 'nobody'}' may not use ${what}`, {
    expected: `a token with the role ${accessRoles.slice(accessRoles.indexOf(need)).join(' or ')}`,
    got: `the role ${principal.role}`,
    remedy: 'Use such a token, or ask the operators of this store for one.',
  });
}

/** Names of principals: what HTTP headers and logs carry as it is. */
export const principalName = /^[\w.@:/+-]{1,100}$/;

/** The header in which the gateway tells a subgraph for whom it asks; believed only with the gateway's token. */
export const toldPrincipalHeader = 'asof-principal';

/** `role name`, or the role alone of one who has no name. */
export function tellPrincipal({ role, name }: Principal): string {
  return name === null ? role : `${role} ${name}`;
}

/** @throws AsofError BAD_INPUT for what `tellPrincipal` cannot have written */
export function readToldPrincipal(text: string): Principal {
  const [roleText = '', name = null, ...rest] = text.split(' ');
  const role = accessRoles.find((known) => known === roleText);
  if (role !== undefined && (name === null || principalName.test(name)) && rest.length === 0) {
    return { name, role, isGateway: true };
  }
  throw new AsofError('BAD_INPUT', `the header ${toldPrincipalHeader} is not readable`, {
    expected: '<role> <name>',
    got: JSON.stringify(text.slice(0, 100)),
  });
}
