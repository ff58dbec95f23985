import type { ModelArtsReader } from '../api/upstream.ts';
import { walkPages, type Enough, type Walk } from './walk.ts';

/** No largest page is documented; a server that gives smaller ones is asked for the rest. 0 would mean all. */
const pageSize = 500;

export interface VersionWalkOptions {
  readonly workspaceID: string;
  readonly order: 'oldestFirst' | 'newestFirst';
  readonly enough?: Enough;
}

/**
 * Reads the training-job versions of one workspace. The overlap of pages also shows a server whose `offset` counts
 * something else than rows. Complete is a walk only when it found as many versions as the last page says that there
 * are, or, where pages say nothing, when nothing new came.
 */
export function walkVersions(
  reader: ModelArtsReader,
  { workspaceID, order, enough }: VersionWalkOptions,
  signal: AbortSignal,
): Promise<Walk> {
  return walkPages(
    {
      read: (offset) =>
        reader.listTrainingJobVersions({ workspaceID, order, offset, limit: pageSize }, signal),
      ended: ({ received, total }, { offset, requests }) =>
        total === undefined
          ? received < Math.min(requests, 2)
          : received < pageSize && offset + received >= total,
      agrees: ({ total }, found) => total === undefined || total === found,
      enough,
    },
    signal,
  );
}
