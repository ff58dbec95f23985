import type { Amounts, ListFacts, RuntimeMetricsFacts } from '../../api/facts.ts';
import { decodeList } from './list.ts';
import { isPoolID } from './pool.ts';
import { given, isObject, type Cursor } from './read.ts';
import { decodeAmounts } from './resources.ts';

/** GET /v2/{project}/metrics/runtime/pools. `apiVersion` differs between documents and says nothing (D33). */
export function decodeRuntimeMetrics(body: Cursor): ListFacts<RuntimeMetricsFacts> | undefined {
  return decodeList(body, {
    kind: 'PoolMetricsList',
    rows: 'items',
    decode: decodeRow,
    identity: (row) => row.id,
  });
}

/** One pool; undefined without its id. */
function decodeRow(row: Cursor): RuntimeMetricsFacts | undefined {
  const id = row.at('metadata').object().at('name').text(64);
  if (id === undefined || !isPoolID(id)) return undefined;
  const table = row.at('table').object();
  return {
    id,
    ...given('capacity', whole(table.at('capacity').object().at('value'))),
    ...given('allocated', whole(table.at('allocated').object().at('value'))),
  };
}

/** A sum over what is left would be a wrong one. */
function whole(at: Cursor): Amounts | undefined {
  if (!isObject(at.value)) return undefined;
  const { amounts, incomplete } = decodeAmounts(at);
  return incomplete ? undefined : amounts;
}
