import type { CountedListFacts, WorkspaceFacts } from '../../api/facts.ts';
import { decodeList } from './list.ts';
import { given, type Cursor } from './read.ts';
import { workspaceStatus } from './words.ts';

/** GET /v1/{project}/workspaces: one page. */
export function decodeWorkspacePage(body: Cursor): CountedListFacts<WorkspaceFacts> | undefined {
  const list = decodeList(body, {
    rows: 'workspaces',
    orElse: ['total_count', 'count'],
    decode: decodeWorkspace,
    identity: (workspace) => workspace.id,
  });
  return list === undefined ? undefined : { ...list, ...given('total', body.at('total_count').count()) };
}

function decodeWorkspace(row: Cursor): WorkspaceFacts | undefined {
  const id = row.at('id').text(128);
  if (id === undefined || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) return undefined;
  return {
    id,
    ...given('name', row.at('name').text(256)),
    ...given('status', workspaceStatus(row.at('status').text(64))),
  };
}
