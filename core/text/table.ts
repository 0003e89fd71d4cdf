/** Columns padded to their widest cell, with a header line; null and undefined as "–". */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return alignedColumns([header, ...rows]);
}

/** The same without a header; rows may have fewer cells than others. */
export function alignedColumns(rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? '–' : String(cell))));
  const count = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
