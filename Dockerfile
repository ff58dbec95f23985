# The bundle on a Node that has no shell and no package manager. Nothing runs while the image is built, so that it needs
# no network beyond the base image and comes out the same each time: `npm run build`, then `docker build .`.
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot
FROM ${BASE_IMAGE}

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="modelarts-operator" \
      org.opencontainers.image.description="Mirrors ModelArts resource pools and their workloads into Kubernetes custom resources." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

COPY --chown=0:0 LICENSE dist/THIRD-PARTY-NOTICES dist/modelarts-operator.mjs /app/

ENV NODE_ENV=production
# As a number, so that `runAsNonRoot` can be checked without the image's user file.
USER 65532:65532
EXPOSE 8080 8081
# glibc would keep an arena for each thread, and what was freed below what still is in use: the size of the largest buffer
# ever freed would set from where on it asks the system for memory, and gives it back.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=16384 MALLOC_TRIM_THRESHOLD_=16384
# V8 would let its young generation grow to 32 MB and more, and its heap to several times what is in it, before it
# collects: a small space and small steps. It would also leave the holes between what lives: with --expose-gc the operator
# collects thoroughly when it has little else to do (docs/performance.md). Not in NODE_OPTIONS, which is the user's.
ENTRYPOINT ["/nodejs/bin/node", "--expose-gc", "--max-semi-space-size=8", "--heap-growing-percent=20", "/app/modelarts-operator.mjs"]
CMD ["run"]
