import type { CallTree } from './cpu-profile.ts';

const width = 1_200;
const rowHeight = 16;
/** Narrower boxes say nothing. */
const leastWidth = 1;
const characterWidth = 6.2;

/** A picture of where time went, as SVG: each box is a function, as wide as it took with whom it called, who stand on it. */
export function flameGraph(title: string, root: CallTree): string {
  const boxes: string[] = [];
  let rows = 0;
  const draw = (tree: CallTree, x: number, depth: number): void => {
    const boxWidth = (tree.micros / root.micros) * width;
    if (boxWidth < leastWidth) return;
    rows = Math.max(rows, depth + 1);
    const share = `${((tree.micros / root.micros) * 100).toFixed(1)} %`;
    const label = tree.name.slice(0, Math.max(0, Math.floor(boxWidth / characterWidth) - 1));
    const y = depth * rowHeight;
    boxes.push(
      `<g><title>${escaped(tree.name)}, ${share}</title><rect x="${x.toFixed(1)}" y="${y}" width="${boxWidth.toFixed(1)}" height="${rowHeight - 1}" fill="${colourOf(tree.name)}"/><text x="${(x + 2).toFixed(1)}" y="${y + 11}">${escaped(label)}</text></g>`,
    );
    let next = x;
    for (const called of [...tree.calls.values()].sort((a, b) => b.micros - a.micros)) {
      draw(called, next, depth + 1);
      next += (called.micros / root.micros) * width;
    }
  };
  draw(root, 0, 0);
  const height = (rows + 1) * rowHeight + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="monospace" font-size="10">
<rect width="100%" height="100%" fill="#fff"/><text x="4" y="14" font-size="12">${escaped(title)}</text>
<g transform="translate(0 ${rowHeight + 6})">
${boxes.join('\n')}
</g></svg>
`;
}

/** Ours, packages, and what is built in. */
function colourOf(name: string): string {
  if (/ (core|adapters|online|runtime|gateway|subgraphs|bench)\//.test(name)) return '#f4a460';
  return / (node:|:0$)/.test(name) ? '#d8dee6' : '#a9c7e8';
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
