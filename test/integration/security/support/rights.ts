import type { HttpTransport } from '../../../../src/kubernetes/http-transport.ts';
import { requiredRights, type Right } from '../../../../src/cli/doctor/required-rights.ts';
import { eventually } from '../../../support/eventually.ts';
import { identity, type Identity, type Rule } from '../../kubernetes/support/identity.ts';

/**
 * All that the roles which come with the operator grant it, its Leases in this namespace: by unit and chart tests
 * `requiredRights` is what manifests/base/rbac.yaml and the chart grant. Names of Leases apart, it is so with any
 * number of shards, but for the list of Leases.
 */
export function grantedRights(namespace: string, shards: number): Right[] {
  return requiredRights({ namespace, name: 'modelarts-operator', shards });
}

/** `update modelartspools/status`. */
export function textOf({ verb, ...right }: Right): string {
  return `${verb} ${resourceOf(right)}`;
}

function resourceOf({ resource, subresource }: Pick<Right, 'resource' | 'subresource'>): string {
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}

/** The rights that a text says are missing: in the apiserver's words, or in those of a project's condition. */
export function missed(text: string): string[] {
  const said = text.matchAll(
    /cannot (\w+) resource \\*"([\w/]+)|grant its service account the verb (\w+) on (\w+) there/g,
  );
  return [
    ...new Set(
      [...said].map(([, verb, resource, verb2, resource2]) => `${verb ?? verb2} ${resource ?? resource2}`),
    ),
  ];
}

/** An account that may do all that the operator needs in one namespace, but for one thing. */
export class LimitedAccount {
  readonly #admin: HttpTransport;
  readonly #namespace: string;
  readonly #rights: readonly Right[];
  readonly #identity: Identity;

  private constructor(admin: HttpTransport, namespace: string, rights: readonly Right[], identity: Identity) {
    this.#admin = admin;
    this.#namespace = namespace;
    this.#rights = rights;
    this.#identity = identity;
  }

  static async create(
    admin: HttpTransport,
    namespace: string,
    rights: readonly Right[],
  ): Promise<LimitedAccount> {
    const account = await identity(namespace, name, rulesOf(rights));
    return new LimitedAccount(admin, namespace, rights, account);
  }

  get kubeconfig(): string {
    return this.#identity.kubeconfig;
  }

  /** It may do all but this; the apiserver knows it by then. */
  async lose(lost: string): Promise<void> {
    await this.#become(this.#rights.filter((right) => textOf(right) !== lost));
    await eventually(async () => !(await this.#may(lost)));
  }

  async have(lost: string): Promise<void> {
    await this.#become(this.#rights);
    await eventually(() => this.#may(lost));
  }

  close(): Promise<void> {
    return this.#identity.close();
  }

  async #become(rights: readonly Right[]): Promise<void> {
    await this.#admin.request({
      method: 'PATCH',
      path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${this.#namespace}/roles/${name}`,
      contentType: 'application/merge-patch+json',
      body: { rules: rulesOf(rights) },
    });
  }

  async #may(text: string): Promise<boolean> {
    const right = this.#rights.find((right) => textOf(right) === text)!;
    const { status } = await this.#admin.request<{ status: { allowed: boolean } }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: `system:serviceaccount:${this.#namespace}:${name}`,
          resourceAttributes: { ...right, namespace: this.#namespace },
        },
      },
    });
    return status.allowed;
  }
}

const name = 'operator';

function rulesOf(rights: readonly Right[]): Rule[] {
  return rights.map(({ group, name, verb, ...right }) => ({
    apiGroups: [group],
    resources: [resourceOf(right)],
    ...(name !== undefined && { resourceNames: [name] }),
    verbs: [verb],
  }));
}
