import type { CommandContext } from '../context.ts';
import { budgetLines, budgetReport } from './budget-report.ts';
import { chooseProject } from './find.ts';
import type { Wanted, WhereOptions } from './options.ts';
import { print } from './output.ts';
import { placeOfSearch, withMirrors } from './with-mirrors.ts';

/** Prints what each project, or the one that is named, asks of ModelArts in an hour. */
export function budget(
  wanted: Wanted | undefined,
  options: WhereOptions,
  context: CommandContext,
): Promise<number> {
  return withMirrors(options, context, async (open) => {
    const { namespace, where } = placeOfSearch(wanted, open);
    const [projects, pools] = await Promise.all([
      open.mirrors.listProjects(namespace),
      open.mirrors.listPools(namespace),
    ]);
    const all = projects.map((project) => ({
      project,
      pools: pools.filter(
        ({ metadata, spec }) =>
          metadata.namespace === project.metadata.namespace && spec.projectRef.name === project.metadata.name,
      ),
    }));
    const chosen = wanted && chooseProject(projects, wanted.name, where);
    const reports = all
      .filter(({ project }) => chosen === undefined || project === chosen)
      .map((input) => budgetReport(input, all));
    print({ projects: reports }, options.output, (what, paint) => budgetLines(what.projects, paint), context);
    return 0;
  });
}
