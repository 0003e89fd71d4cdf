import { describe, expect, it } from 'vitest';
import { countRows, entity, eventSource, featureView, onDemandView, t } from '../../index.ts';

const user = entity('user', { key: { id: t.int64 } });
const clicks = eventSource('clicks', { fields: { id: t.int64, title: t.string }, eventTime: 'at' });
const expected = "expected what makes one, as countRows\\(\\)\\.over\\('1h'\\) or col\\('city'\\)";

/** As definitions that nobody compiled may give it. */
function viewOf(given: unknown) {
  return featureView('v', { entity: user, source: clicks, key: { id: 'id' }, features: { f: given as never } });
}

describe('what is no feature', () => {
  it.each<[string, unknown, string]>([
    ['a name', 'title', '"title"\\. For the column of that name write col\\("title"\\)\\.'],
    ['an aggregate', countRows(), "an aggregate without a window\\. Say over what: \\.over\\('1h'\\), or"],
    ['a function', countRows, 'a function\\. Call it\\.'],
    ['a number', 7, '7\\. A constant is no feature'],
    ['null', null, 'null\\. '],
    ['nothing', undefined, 'nothing\\. '],
    ['an object', {}, 'an object\\. '],
  ])('is refused with its place and what to write: %s', (_, given, got) => {
    expect(() => viewOf(given)).toThrow(
      new RegExp(`^views\\.v\\.features\\.f: is no feature; ${expected}; got ${got}`),
    );
  });

  it('is refused in on-demand views, too', () => {
    const define = () => onDemandView('o', { features: { f: 'title' as never } });
    expect(define).toThrow(/^onDemandViews\.o\.features\.f: is no feature.*col\("title"\)/);
  });
});
