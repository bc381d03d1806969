/** The middle of the samples, or the mean of the two in the middle; NaN of none. */
export function median(samples: readonly number[]): number {
  return (quantile(samples, 0.5, 'floor') + quantile(samples, 0.5, 'ceil')) / 2;
}

/** The smallest sample that at least `share` (0 to 1) of the samples do not exceed: the nearest rank. NaN of none. */
export function percentile(samples: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Half of the distance from the smallest to the largest sample, as a share of the median. */
export function relativeSpread(samples: readonly number[]): number {
  return (Math.max(...samples) - Math.min(...samples)) / 2 / median(samples);
}

/**
 * How many times the other's samples these are: the median of the ratios round by round, since what disturbs a round
 * disturbs both. Samples of the same index are from the same round.
 */
export function pairedRatio(samples: readonly number[], others: readonly number[]): number {
  const ratios = samples.flatMap((sample, round) => {
    const other = others[round];
    return other === undefined ? [] : [sample / other];
  });
  return median(ratios);
}

function quantile(samples: readonly number[], share: number, round: 'floor' | 'ceil'): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math[round]((sorted.length - 1) * share)] ?? Number.NaN;
}
