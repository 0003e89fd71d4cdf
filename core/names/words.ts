/** snake_case → camelCase; what is camelCase already stays: "mean_delay_1h" → "meanDelay1h". */
export function camelCase(name: string): string {
  return name.replace(/_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase()).replace(/_+$/, '');
}

/** snake_case → PascalCase: "origin_delays" → "OriginDelays". */
export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

const irregular: ReadonlyMap<string, string> = new Map([
  ['person', 'people'],
  ['child', 'children'],
  ['man', 'men'],
  ['woman', 'women'],
  ['mouse', 'mice'],
  ['index', 'indexes'],
  ['leaf', 'leaves'],
  ['shelf', 'shelves'],
  ['half', 'halves'],
  ['life', 'lives'],
  ['quiz', 'quizzes'],
  ['hero', 'heroes'],
  ['potato', 'potatoes'],
  ['analysis', 'analyses'],
  ['basis', 'bases'],
  ['crisis', 'crises'],
  ['axis', 'axes'],
  ['criterion', 'criteria'],
  ['datum', 'data'],
]);

/** The English plural of a snake_case name, by its last word: "bus_route" → "bus_routes", "city" → "cities". */
export function englishPlural(name: string): string {
  const start = name.lastIndexOf('_') + 1;
  return name.slice(0, start) + pluralOfWord(name.slice(start));
}

function pluralOfWord(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (/(?:s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  return `${word}s`;
}
