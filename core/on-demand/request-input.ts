import type { CompiledService } from '../definitions/compiled.ts';
import { typeText } from '../definitions/value-types.ts';
import { AsofError, type ErrorDetails } from '../errors/asof-error.ts';
import { describeInput } from '../values/describe-input.ts';
import { parseValue, type ValueAnomaly } from '../values/parse.ts';
import type { Field, Value } from '../values/types.ts';

/** A request-time input, and what computes with it, for messages: `haul of delay_model version 1`. */
export interface RequestInput extends Field {
  readonly user: string;
}

/** Along `service.requestInputs`. */
export function requestInputsOf({ name, version, requestInputs, onDemand }: CompiledService): readonly RequestInput[] {
  return requestInputs.map((input) => {
    const users = onDemand.filter(({ view }) => view.request.some((own) => own.name === input.name));
    return { ...input, user: `${users.map(({ view }) => view.name).join(', ')} of ${name} version ${version}` };
  });
}

/**
 * A value from outside as the input's declared type; null stays null.
 *
 * @param path where it stands: `request.distanceMiles`
 * @throws AsofError BAD_INPUT for what is not of that type, and for what makes a record's value NULL: NaN, a decimal
 *   with too many digits, a vector of another length or with a NULL element
 */
export function parseRequestInput(input: RequestInput, given: unknown, path: string): Value {
  const anomalies: ValueAnomaly[] = [];
  let value: Value;
  try {
    value = parseValue(input.type, given, path, (anomaly) => anomalies.push(anomaly));
  } catch (error) {
    throw error instanceof AsofError && error.code === 'BAD_INPUT' ? refusedRequestInput(input, error.details) : error;
  }
  const [anomaly] = anomalies;
  if (anomaly === undefined) return value;
  throw refusedRequestInput(input, {
    path,
    expected: typeText(input.type),
    got: describeInput(given),
    remedy: remedies[anomaly],
  });
}

/** BAD_INPUT for a value that is not of the input's type, with what was found where. */
export function refusedRequestInput({ name, user }: RequestInput, details: ErrorDetails): AsofError {
  return new AsofError('BAD_INPUT', `the request input "${name}" of ${user} is not of its type`, details);
}

const remedies: Readonly<Record<ValueAnomaly, string>> = {
  notFinite: 'Send a finite number, or null.',
  decimalOverflow: 'It has too many digits: send a smaller number, or null.',
  vectorLength: 'Send as many elements as the vector has.',
  vectorNull: 'Send a number for each element.',
};

/** BAD_INPUT for an input that is not there at all; where a value is not known, null says so. */
export function missingRequestInput({ name, type, user }: RequestInput, path: string, got: string): AsofError {
  return new AsofError('BAD_INPUT', `the request input "${name}" of ${user} is missing`, {
    path,
    expected: typeText(type),
    got,
    remedy: 'Give it a value, or null where there is none.',
  });
}
