import type { Amounts, ListFacts, ResourceFlavorFacts } from '../../api/facts.ts';
import { decodeList } from './list.ts';
import { toQuantity } from './quantities.ts';
import { given, type Cursor } from './read.ts';
import { cardResource } from './resources.ts';

export interface FlavorPage extends ListFacts<ResourceFlavorFacts> {
  /** `metadata.continue`: asks for the next page. */
  readonly next?: string;
}

/** GET /v1/{project}/resourceflavors: one page. */
export function decodeFlavorPage(body: Cursor): FlavorPage | undefined {
  const list = decodeList(body, {
    kind: 'ResourceFlavorList',
    rows: 'items',
    decode: decodeFlavor,
    identity: (flavor) => flavor.name,
  });
  if (list === undefined) return undefined;
  return { ...list, ...given('next', body.at('metadata').object().at('continue').text(2048)) };
}

/** One flavor; undefined without a name. */
function decodeFlavor(row: Cursor): ResourceFlavorFacts | undefined {
  const name = row.at('metadata').object().at('name').text(256);
  return name === undefined
    ? undefined
    : { name, ...given('resources', decodeResources(row.at('spec').object())) };
}

function decodeResources(spec: Cursor): Amounts | undefined {
  const cpu = amount(spec.at('cpu'));
  const memory = amount(spec.at('memory'));
  const gpus = decodeCards(spec.at('gpu').object());
  const npus = decodeCards(spec.at('npu').object());
  if (cpu === undefined || memory === undefined || gpus === undefined || npus === undefined) return undefined;
  return { cpu, memory, ...Object.fromEntries([...gpus, ...npus]) };
}

/** `{type, size}`; no entry where there are no cards, undefined where it is not known whether there are. */
function decodeCards(at: Cursor): readonly (readonly [string, string])[] | undefined {
  const model = at.at('type').text(128);
  const size = at.at('size').count();
  const none = size === 0 || (model === undefined && at.at('size').value === undefined);
  if (none) return [];
  return model === undefined || size === undefined ? undefined : [[cardResource(model), String(size)]];
}

function amount(at: Cursor): string | undefined {
  const text = at.text(64);
  const quantity = text === undefined ? undefined : toQuantity(text);
  if (text !== undefined && quantity === undefined) at.issue('an amount');
  return quantity;
}
