import { figuresOf } from './figure.ts';
import { renderHeading } from './heading.ts';
import type { Results } from './results.ts';
import { renderBusy, renderFigures, renderGoals } from './tables.ts';

/** The run as somebody who waited for it wants to see it. */
export function renderTerminal(results: Results): string {
  const figures = figuresOf(results.series);
  const parts = [
    renderHeading(results),
    renderFigures(figures),
    renderGoals(figures),
    renderBusy(results.busy),
    results.notes.map((note) => `- ${note}`).join('\n'),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}
