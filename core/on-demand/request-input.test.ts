import { describe, expect, it } from 'vitest';
import { flights } from '../../test/definitions/flights.ts';
import { compileDefinitions } from '../registry/compile.ts';
import type { ValueType } from '../values/types.ts';
import { missingRequestInput, parseRequestInput, requestInputsOf } from './request-input.ts';

const [distance] = requestInputsOf(compileDefinitions(flights()).services.get('delay_model')![0]!);

describe('a request input', () => {
  it('knows what computes with it', () => {
    expect(distance).toEqual({
      name: 'distanceMiles',
      type: { kind: 'int64' },
      user: 'haul of delay_model version 1',
    });
    expect(missingRequestInput(distance!, 'request.distanceMiles', 'nothing').message).toBe(
      'request.distanceMiles: the request input "distanceMiles" of haul of delay_model version 1 is missing; ' +
        'expected int64; got nothing. Give it a value, or null where there is none.',
    );
  });

  const list: ValueType = { kind: 'list', element: { kind: 'decimal', precision: 4, scale: 2 } };
  it.each<[ValueType, unknown, unknown]>([
    [{ kind: 'int32' }, '7', 7],
    [{ kind: 'int64' }, '9007199254740993', 9007199254740993n],
    [{ kind: 'float64' }, 0.5, 0.5],
    [{ kind: 'string' }, 'x', 'x'],
    [{ kind: 'bool' }, 'true', true],
    [{ kind: 'timestamp' }, '2001-06-01T12:00:00+02:00', Date.UTC(2001, 5, 1, 10)],
    [{ kind: 'decimal', precision: 4, scale: 2 }, 1.5, '1.50'],
    [{ kind: 'vector', length: 2 }, '[1, 2.5]', [1, 2.5]],
    [list, ['1', 2], ['1.00', '2.00']],
    [{ kind: 'map', value: { kind: 'int64' } }, { a: 1 }, new Map([['a', 1]])],
    [{ kind: 'int64' }, null, null],
  ])('is read as %j', (type, given, value) => {
    expect(parseRequestInput({ ...distance!, type }, given, 'request.x')).toEqual(value);
  });

  it.each<[ValueType, unknown, RegExp]>([
    [{ kind: 'int32' }, 2 ** 31, /expected int32 between .*; got 2147483648/],
    [{ kind: 'int64' }, 1.5, /expected int64 \(a whole number\); got 1\.5/],
    [{ kind: 'float64' }, 'NaN', /expected float64; got "NaN"\. Send a finite number/],
    [{ kind: 'string' }, 5, /expected string; got 5/],
    [{ kind: 'bool' }, 1, /expected bool \(true or false\); got 1/],
    [{ kind: 'timestamp' }, 'soon', /got "soon"/],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '123.45', /expected decimal\(4,2\); got "123\.45"\. It has too many/],
    [{ kind: 'vector', length: 2 }, [1], /expected vector\(2\); got a list of 1\. Send as many elements/],
    [{ kind: 'vector', length: 2 }, [1, null], /expected vector\(2\); .*a number for each element/],
    [list, [1, 'x'], /request\.x\[1\]: .*expected decimal\(4,2\); got "x"/],
    [{ kind: 'map', value: { kind: 'int64' } }, [1], /expected map; got a list of 1/],
  ])('is refused by name where it is no %j', (type, given, message) => {
    const read = () => parseRequestInput({ ...distance!, type }, given, 'request.x');
    expect(read).toThrow(/the request input "distanceMiles" of haul of delay_model version 1 is not of its type/);
    expect(read).toThrow(message);
  });
});
