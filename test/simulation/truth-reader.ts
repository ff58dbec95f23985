import { ModelArtsClients } from '../../src/modelarts/client.ts';
import { differences, readAll } from '../support/fresh-read.ts';
import { SimProcess } from './process.ts';
import type { Stage } from './stage.ts';
import { endpoint, oracleToken, type ProjectStory } from './story.ts';
import { answerTruly } from './upstream-link.ts';

/** Reads ModelArts at once and without any fault, as the oracle does. */
export class TruthReader {
  readonly #clients: ModelArtsClients;

  constructor({ scheduler, simulation, story }: Stage) {
    const { runtime } = new SimProcess({ scheduler, name: 'oracle', seed: story.seed });
    this.#clients = new ModelArtsClients({
      runtime,
      endpoints: { allowLocal: false },
      fetch: (_dispatcher, request) => Promise.resolve(answerTruly(simulation, request)),
    });
  }

  /** How mirrors differ from what is true. */
  async differences(
    { projectID }: ProjectStory,
    mirrors: Parameters<typeof differences>[1],
  ): Promise<readonly string[]> {
    const reader = this.#clients.open({
      endpoint,
      projectID,
      credentials: { type: 'token', token: oracleToken },
      rateLimit: { requestsPerSecond: 1000, burst: 1000 },
    });
    try {
      return differences(await readAll(reader), mirrors);
    } finally {
      await reader.close();
    }
  }
}
