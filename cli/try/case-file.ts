import { AsofError } from '../../core/errors/asof-error.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import { jsonErrorPlace } from '../definitions/json-error-place.ts';
import { lineAndColumn } from '../definitions/line-and-column.ts';
import { type InputRow, isJsonObject } from './input-row.ts';
import { isJson, parseNdjson, readText } from './read-table.ts';

/**
 * The cases of a file, each with its line: NDJSON, or else one JSON object or array of objects, over as many lines as
 * is readable.
 *
 * @throws AsofError BAD_INPUT naming file, line and column
 */
export async function readCaseRows(file: string): Promise<InputRow[]> {
  const text = await readText(file);
  try {
    return parseNdjson(file, text);
  } catch (notLines) {
    if (isJson(text)) return rowsOfDocument(file, text);
    const [first = ''] = text.trimStart().split('\n');
    // Its first line is whole, so it was meant to be NDJSON, and a later line is at fault.
    throw isJson(first) ? notLines : notJson(file, text);
  }
}

function rowsOfDocument(file: string, text: string): InputRow[] {
  const document = parseJson(text);
  const elements: readonly unknown[] = Array.isArray(document) ? document : [document];
  const offsets = Array.isArray(document) ? elementOffsets(text) : [text.search(/\S/)];
  return elements.map((values, index) => {
    const place = lineAndColumn(text, offsets[index]!);
    if (!isJsonObject(values)) {
      throw new AsofError('BAD_INPUT', 'not a case', {
        path: `${file}:${place}`,
        expected: 'a JSON object',
        got: JSON.stringify(values).slice(0, 60),
      });
    }
    return { place: `${file}:${place.split(':')[0]}`, values };
  });
}

/** Where each element of a JSON array begins. */
function elementOffsets(json: string): number[] {
  const offsets: number[] = [];
  let level = 0;
  let isText = false;
  let isBefore = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at]!;
    if (isText && character === '\\') at++;
    else if (isText) isText = character !== '"';
    else if (character.trim() !== '') {
      if (isBefore && character !== ']') offsets.push(at);
      isBefore = level === 1 ? character === ',' : level === 0;
      if (character === '"') isText = true;
      else if (character === '[' || character === '{') level++;
      else if (character === ']' || character === '}') level--;
    }
  }
  return offsets;
}

function notJson(file: string, text: string): AsofError {
  return new AsofError('BAD_INPUT', 'neither NDJSON nor JSON', {
    path: `${file}:${jsonErrorPlace(text)}`,
    expected: 'a case on each line, or one JSON object or array of cases',
    got: JSON.stringify(text.slice(0, 60)),
  });
}
