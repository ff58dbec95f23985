/** How a mutant ended, as Stryker says it. */
interface Ended {
  readonly status: string;
}

interface Score<M extends Ended> {
  /** Of the mutants that tests could have noticed. */
  readonly percent: number;
  readonly noticed: number;
  /** Those that no test noticed, or that none even ran. */
  readonly survivors: readonly M[];
  /** Left out, because they are made while a module loads. */
  readonly ignored: number;
}

/** A mutant that runs for ever is noticed; one that does not even load says nothing about the tests, and is not counted. */
export function scoreOf<M extends Ended>(mutants: readonly M[]): Score<M> {
  const of = (...statuses: string[]): M[] => mutants.filter(({ status }) => statuses.includes(status));
  const noticed = of('Killed', 'Timeout').length;
  const survivors = of('Survived', 'NoCoverage');
  const counted = noticed + survivors.length;
  return {
    percent: counted === 0 ? 100 : (100 * noticed) / counted,
    noticed,
    survivors,
    ignored: of('Ignored').length,
  };
}
