import type { CountedListFacts, ResourceSpecFacts } from '../../api/facts.ts';
import { decodeList } from './list.ts';
import { toQuantity } from './quantities.ts';
import { given, type Cursor } from './read.ts';

/** `spec_id` is a long; a text that long is none. */
const longestID = 64;

/** GET /v1/{project}/job/resource-specs. A specification that is listed twice counts once. */
export function decodeResourceSpecs(body: Cursor): CountedListFacts<ResourceSpecFacts> | undefined {
  const list = decodeList(body, {
    rows: 'specs',
    orElse: ['spec_total_count'],
    decode: decodeResourceSpec,
    identity: (spec) => spec.id,
  });
  if (list === undefined) return undefined;
  const byID = new Map<string, ResourceSpecFacts>();
  for (const spec of list.items) if (!byID.has(spec.id)) byID.set(spec.id, spec);
  if (byID.size < list.items.length) body.at('specs').issueOfWhole('each specification once');
  return { ...list, items: [...byID.values()], ...given('total', body.at('spec_total_count').count()) };
}

/** One row; undefined without an id. */
function decodeResourceSpec(row: Cursor): ResourceSpecFacts | undefined {
  const id = row.at('spec_id').text(longestID + 1);
  if (id === undefined || id.length > longestID) return undefined;
  return {
    id,
    ...given('code', row.at('spec_code').text(256)),
    ...given('cpuCores', cores(row.at('core'))),
    ...given('memory', memory(row.at('cpu'))),
    ...given('gpuCount', row.at('gpu_num').count()),
    ...given('gpuType', row.at('gpu_type').text(128)),
    ...given('maxNodes', row.at('max_num').count()),
    ...given('pricingUnits', row.at('unit_num').count()),
    ...given('storage', row.at('storage').text(64)),
    ...given('interfaceType', row.at('interface_type').count()),
    ...given('soldOut', row.at('no_resource').boolean()),
  };
}

/** A whole number, as text or not (D30), and also as `8 Cores`. */
function cores(at: Cursor): number | undefined {
  const quantity = amount(at);
  if (quantity === undefined) return undefined;
  const number = Number(quantity);
  if (Number.isSafeInteger(number)) return number;
  at.issue('a number of cores');
  return undefined;
}

/** The unit is not documented; the sample values read as GiB. */
function memory(at: Cursor): string | undefined {
  const quantity = amount(at);
  return quantity !== undefined && /^[\d.]+$/.test(quantity) ? `${quantity}Gi` : quantity;
}

function amount(at: Cursor): string | undefined {
  const text = at.text(64);
  const quantity = text === undefined ? undefined : toQuantity(text);
  if (text !== undefined && quantity === undefined) at.issue('an amount');
  return quantity;
}
