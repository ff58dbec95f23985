import type { ModelArtsWorkloadStatus } from '../api/kinds/modelarts-workload.ts';
import { parseQuantity } from './quantity.ts';
import { count } from './limits.ts';
import { byText, cutText } from './text.ts';

/** `nvidia.com/gpu`, `huawei.com/ascend-1980` and what may join them. */
const acceleratorName = /^[^/]+\/(.*(?:gpu|npu|ascend).*)$/i;

/**
 * The accelerators among what a job asks for, undefined for none. The type is the resource's name without its vendor.
 * A job that asks for several kinds shows the first by name; `resources` has them all.
 */
export function acceleratorOf(
  resources: Readonly<Record<string, string>>,
): ModelArtsWorkloadStatus['accelerator'] {
  for (const [name, text] of Object.entries(resources).sort(([a], [b]) => byText(a, b))) {
    const type = acceleratorName.exec(name)?.[1];
    const amount = parseQuantity(text)?.nanos ?? 0n;
    const count = Number(amount / 1_000_000_000n);
    // A part of a card is no count of cards, and a summary that rounds would be a wrong one.
    if (type === undefined || amount === 0n || amount % 1_000_000_000n !== 0n) continue;
    if (!Number.isSafeInteger(count)) continue;
    const shown = cutText(type, 64);
    return { type: shown, count, summary: `${count} ${shown}` };
  }
  return undefined;
}

/**
 * The same where only numbers of GPUs and NPUs are known. A job that has both shows the GPUs as its type, and both in
 * the summary.
 */
export function acceleratorOfCards(cards: {
  readonly gpu: number;
  readonly npu: number;
}): ModelArtsWorkloadStatus['accelerator'] {
  const some = (['gpu', 'npu'] as const).filter((type) => cards[type] > 0);
  const [type] = some;
  if (type === undefined) return undefined;
  return {
    type,
    count: count(cards[type]),
    summary: some.map((each) => `${count(cards[each])} ${each}`).join(', '),
  };
}
