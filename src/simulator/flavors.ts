/** What one node of a flavor has. */
export interface Hardware {
  readonly cpuMilli: number;
  readonly memoryMi: number;
  readonly cards: number;
  /** Resource name of the cards (`nvidia.com/gpu`), empty without cards. */
  readonly card: string;
  /** The name that runtime metrics give to a card. */
  readonly model: string;
}

const gi = 1024;
const hardware = (cores: number, memoryGi: number, cards = 0, card = '', model = ''): Hardware => ({
  cpuMilli: cores * 1000,
  memoryMi: memoryGi * gi,
  cards,
  card,
  model,
});
export const gpuCard = 'nvidia.com/gpu';
const snt9 = 'huawei.com/ascend-1980';
const snt3 = 'huawei.com/ascend-310';

/** Flavors that the service lists, with the names that its documents use. */
export const flavors: ReadonlyMap<string, Hardware> = new Map([
  ['modelarts.vm.cpu.2u', hardware(2, 8)],
  ['modelarts.vm.cpu.4ud', hardware(4, 16)],
  ['modelarts.vm.cpu.8ud', hardware(8, 32)],
  ['modelarts.vm.cpu.16u', hardware(16, 64)],
  ['modelarts.vm.gpu.tnt004', hardware(8, 64, 1, gpuCard, 'tnt004')],
  ['modelarts.vm.gpu.t4u8', hardware(8, 32, 1, gpuCard, 'tnt004')],
  ['modelarts.vm.gpu.v100', hardware(8, 64, 1, gpuCard, 'v100')],
  ['modelarts.bm.gpu.8v100', hardware(72, 512, 8, gpuCard, 'v100')],
  ['modelarts.vm.npu.310', hardware(16, 64, 4, snt3, 'snt3')],
  ['modelarts.bm.npu.arm.8snt9', hardware(192, 720, 8, snt9, 'snt9')],
]);

/** Any name will do for a flavor: one that is not listed has the hardware that its name suggests. */
export function hardwareOf(flavor: string): Hardware {
  const known = flavors.get(flavor);
  if (known !== undefined) return known;
  if (/npu|snt9|ascend/.test(flavor)) return hardware(192, 720, 8, snt9, 'snt9');
  if (/gpu/.test(flavor)) return hardware(8, 64, 1, gpuCard, 'tnt004');
  return hardware(8, 32);
}
