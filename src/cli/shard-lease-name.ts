/** The name of the Lease of one shard, of the number of which there are `--shards`; `*` for any of them. */
export const shardLeaseName = (name: string, shard: number | '*'): string => `${name}-shard-${shard}`;
