import { apiVersion } from '../../src/api/kinds/metadata.ts';
import { demoProjectID, demoToken } from '../../src/simulator/scenarios/demo.ts';
import type { ClusterObjects } from './cluster-objects.ts';

/** A ModelArtsProject `demo` with its Secret, for a simulator of the ready scenarios at `endpoint`. */
export async function createDemoProject(cluster: ClusterObjects, endpoint: string): Promise<void> {
  const name = 'demo';
  const token = Buffer.from(demoToken).toString('base64');
  await cluster.secrets.create({ metadata: { name }, type: 'Opaque', data: { token } });
  await cluster.projects.create({
    apiVersion,
    kind: 'ModelArtsProject',
    metadata: { name },
    spec: {
      endpoint,
      projectID: demoProjectID,
      credentials: { secretRef: { name } },
      rateLimit: { requestsPerSecond: 1000, burst: 1000 },
    },
  });
}
