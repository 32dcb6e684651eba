// Precision and recall, and the table that shows them.

/** Counts for each class what was right, wrongly said, and missed. */
export function createScore() {
  const classes = new Map();
  const of = (name) => {
    let found = classes.get(name);
    if (found === undefined) classes.set(name, (found = { right: 0, wrong: 0, missed: 0 }));
    return found;
  };
  return {
    /** @param truth what is so @param said what was said @param classOf which row each belongs to */
    add(truth, said, classOf) {
      for (const one of said) of(classOf(one))[truth.includes(one) ? "right" : "wrong"] += 1;
      for (const one of truth) if (!said.includes(one)) of(classOf(one)).missed += 1;
    },
    rows: () =>
      [...classes]
        .map(([name, { right, wrong, missed }]) => ({
          name,
          right,
          wrong,
          missed,
          precision: right + wrong === 0 ? 1 : right / (right + wrong),
          recall: right + missed === 0 ? 1 : right / (right + missed),
        }))
        .sort((a, b) => (order(a.name) < order(b.name) ? -1 : 1)),
  };
}

/** D2 before D10. */
const order = (name) => name.replace(/\d+/, (digits) => digits.padStart(4, "0"));

export function tableText(title, rows) {
  const line = (cells) =>
    `${cells[0].padEnd(26)}${cells
      .slice(1)
      .map((cell) => String(cell).padStart(11))
      .join("")}\n`;
  const shown = (share) => share.toFixed(3);
  return [
    line([title, "right", "wrong", "missed", "precision", "recall"]),
    ...rows.map(({ name, right, wrong, missed, precision, recall }) =>
      line([name, right, wrong, missed, shown(precision), shown(recall)]),
    ),
  ].join("");
}
