import { type GraphQLError, locatedError } from 'graphql';
import { withoutStack } from '../../../core/errors/without-stack.ts';
import type { OnlineValues, ValueReading } from '../../../core/online/reader.ts';
import type { Instant, Value } from '../../../core/values/types.ts';
import type { DirectAnswer, GraphResult } from '../../../runtime/graph.ts';
import { storeDidNotAnswer } from '../request-reads.ts';
import type { AskedEntities, AskedReads, AskedView } from './ask.ts';
import type { RootField, ViewField, ViewStep } from './direct-plan.ts';
import type { Described } from './typed-fields.ts';

/** What is added to while an answer is written. */
interface Writing {
  readonly readAt: Instant;
  readonly readings: readonly ValueReading[];
  /** Of `readings`. */
  next: number;
  readonly errors: GraphQLError[];
}

/**
 * The response: text by text, which is quicker than an object that is then made JSON. Where the store did not answer for a
 * key its view is null, and an error says so.
 */
export function writeAnswer({ fields }: AskedReads, { readAt, readings }: OnlineValues): DirectAnswer {
  const writing: Writing = { readAt, readings, next: 0, errors: [] };
  let text = '{"data":{';
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    if (i > 0) text += ',';
    text += field.kind === 'text' ? field.text : entitiesText(field, writing);
  }
  text += '}}\n';
  const { errors } = writing;
  return errors.length === 0 ? text : { ...(JSON.parse(text) as GraphResult), errors };
}

function entitiesText({ root, keys, views }: AskedEntities, writing: Writing): string {
  const { first, next, end, none } = root.layout;
  if (keys.length === 0) return none;
  let text = '';
  /** So much of the next fixed text belongs to an object that is null instead. */
  let skipped = 0;
  for (let i = 0; i < keys.length; i++) {
    const steps = i === 0 ? first : next;
    for (let j = 0, view = 0; j < steps.length; j++) {
      const step = steps[j]!;
      const reading = step.kind === 'view' ? writing.readings[writing.next++]! : null;
      if (step.kind !== 'view' || reading === null) {
        text += step.before.slice(skipped);
        skipped = 0;
        if (step.kind === 'key') text += step.text(keys[i]![step.index]!);
      } else if (reading.status === 'UNAVAILABLE') {
        text += `${step.before.slice(skipped)}null`;
        skipped = step.rest;
        writing.errors.push(unanswered(root, step.view, i));
        view++;
      } else {
        text += step.opening.slice(skipped);
        skipped = 0;
        text += leavesText(step, views[view++]!, reading, writing.readAt);
      }
    }
  }
  return text + end.slice(skipped);
}

/** From the first value on; the text before it has been written. */
function leavesText(
  { leaves }: ViewStep,
  { read, positions }: AskedView,
  reading: ValueReading,
  readAt: Instant,
): string {
  const { values } = reading;
  let described: Described | null = null;
  let text = '';
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]!;
    if (i > 0) text += leaf.before;
    let value: Value;
    if (leaf.kind === 'feature') value = values[positions[leaf.place]!]!;
    else {
      described ??= { ...reading, readAt, version: read.view.version, view: read.view.name };
      value = leaf.read(described);
    }
    text += value === null ? 'null' : leaf.text(value);
  }
  return text;
}

function unanswered({ key, isList }: RootField, { field }: ViewField, index: number): GraphQLError {
  const path = isList ? [key, index, field.key] : [key, field.key];
  return withoutStack(() => locatedError(storeDidNotAnswer(), field.nodes, path));
}
