import { durationMs } from './duration.ts';
import { hardwareOf } from './flavors.ts';
import type { JobLife } from './job-life.ts';
import type { SimJob, SimPool, Surroundings } from './model.ts';
import type { JobSpec, JobType } from './schema.ts';

const subjects = [
  'resnet',
  'bert',
  'llm',
  'detector',
  'ocr',
  'speech',
  'ranker',
  'diffusion',
  'graph',
  'forecast',
] as const;
const works = ['nightly', 'finetune', 'pretrain', 'eval', 'sweep', 'ablation', 'distill', 'smoke'] as const;
const people = ['alice', 'bob', 'chen', 'dana', 'erik', 'fatou'] as const;

/** The users of a pool: they submit jobs at random moments, some of which fail and some of which they stop. */
export class Load {
  readonly #world: Surroundings;
  readonly #jobs: JobLife;

  constructor(world: Surroundings, jobs: JobLife) {
    this.#world = world;
    this.#jobs = jobs;
  }

  /** What is there at the start: jobs that had ended, then those that run or wait. */
  fill(pool: SimPool): void {
    const finished = pool.load.finished ?? 0;
    const span = durationMs(pool.load.finishedSpan ?? '7d');
    for (let i = 0; i < finished; i++) {
      const spec = this.#draw(pool);
      const age = Math.round(span * (1 - i / finished));
      this.#jobs.submit(pool, {
        ...spec.job,
        status: spec.outcome,
        age: `${age}ms`,
        duration: `${Math.min(age, durationMs(spec.job.duration ?? '10m'))}ms`,
      });
    }
    for (let i = 0; i < (pool.load.backlog ?? 0); i++) this.#submit(pool);
  }

  /** (Re)starts the stream of arrivals with the pool's present load. */
  start(pool: SimPool): void {
    pool.stopLoad();
    const rate = (pool.load.arrivalsPerMinute ?? 0) / 60_000;
    if (rate <= 0) return;
    const wait = (): void => {
      const ms = Math.max(1, Math.round(-Math.log(1 - pool.random.next()) / rate));
      pool.stopLoad = this.#world.after(ms, () => {
        wait();
        this.#submit(pool);
      });
    };
    wait();
  }

  #submit(pool: SimPool): void {
    const { job, outcome } = this.#draw(pool);
    this.#jobs.submit(pool, job, outcome);
  }

  #draw(pool: SimPool): { job: JobSpec; outcome: SimJob['outcome'] } {
    const { load, random } = pool;
    const type: JobType =
      random.weighted<JobType>(load.types ?? { train: 6, notebook: 2, infer: 1 }) ?? 'train';
    const most = Math.max(0, ...pool.resources.map((row) => hardwareOf(row.flavor).cards));
    const choices = (load.cards ?? [1, 2, 4, 8]).filter((cards) => cards <= most);
    const bounds = load.duration ?? { min: '2m', max: '40m' };
    const [min, max] = [durationMs(bounds.min), Math.max(durationMs(bounds.min), durationMs(bounds.max))];
    const drawn = min * (max / min) ** random.next();
    // Services live longer than jobs.
    const length = type === 'infer' || type === 'x-infer' ? drawn * 5 : drawn;
    const chance = random.next();
    const failure = load.failureRate ?? 0.05;
    const outcome =
      chance < failure ? 'Failed' : chance < failure + (load.stopRate ?? 0.03) ? 'Terminated' : 'Completed';
    const who = random.pick(people) ?? 'alice';
    const name =
      type === 'notebook'
        ? `nb-${who}-${random.hex(3)}`
        : `${random.pick(subjects)}-${type === 'train' ? random.pick(works) : 'svc'}-${random.hex(4)}`;
    const cards = type === 'notebook' && random.next() < 0.5 ? 0 : (random.pick(choices) ?? 0);
    const priority = random.weighted({ 1: 6, 2: 3, 3: 1 });
    const job = {
      type,
      name,
      user: who,
      cards,
      priority: Number(priority ?? 1),
      duration: `${Math.round(length)}ms`,
    };
    return { job, outcome };
  }
}
