package main

import (
	"context"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// poller reads ModelArts as often as the operator does, and remembers the newest row of each job.
type poller struct {
	reader           reader
	namespace        string
	poolInterval     time.Duration
	workloadInterval time.Duration
	pools            chan event.GenericEvent
	workloads        chan event.GenericEvent

	lock     sync.RWMutex
	phases   map[string]string
	observed map[string]observation
	polled   map[string]bool
}

// Start runs until ctx ends; the manager calls it when the caches are filled.
func (p *poller) Start(ctx context.Context) error {
	every(ctx, p.poolInterval, func() error {
		rows, err := p.reader.pools(ctx)
		for _, row := range rows {
			name := row.Metadata.Name
			p.lock.Lock()
			p.phases[name] = row.Status.Phase
			known := p.polled[name]
			p.polled[name] = true
			p.lock.Unlock()
			pool := &ModelArtsPool{}
			pool.Namespace, pool.Name = p.namespace, name
			p.pools <- event.GenericEvent{Object: pool}
			if !known {
				go p.pollPool(ctx, name)
			}
		}
		return err
	})
	return nil
}

func (p *poller) pollPool(ctx context.Context, pool string) {
	before := map[string]int{}
	every(ctx, p.workloadInterval, func() error {
		counts, err := p.reader.statistics(ctx, pool)
		if err != nil {
			return err
		}
		for _, status := range active {
			if counts[status] > 0 {
				if err := p.readList(ctx, pool, status); err != nil {
					return err
				}
			}
		}
		for _, status := range terminal {
			if counts[status] != before[status] {
				if err := p.readList(ctx, pool, status); err != nil {
					return err
				}
			}
		}
		before = counts
		return nil
	})
}

func (p *poller) readList(ctx context.Context, pool, status string) error {
	rows, readAt, err := p.reader.workloads(ctx, pool, status)
	for _, row := range rows {
		p.lock.Lock()
		p.observed[row.UID] = observation{row: row, pool: pool, readAt: readAt}
		p.lock.Unlock()
		workload := &ModelArtsWorkload{}
		workload.Namespace, workload.Name = p.namespace, row.UID
		p.workloads <- event.GenericEvent{Object: workload}
	}
	return err
}

func (p *poller) observation(name string) (observation, bool) {
	p.lock.RLock()
	defer p.lock.RUnlock()
	seen, found := p.observed[name]
	return seen, found
}

func (p *poller) phase(name string) (string, bool) {
	p.lock.RLock()
	defer p.lock.RUnlock()
	phase, found := p.phases[name]
	return phase, found
}

func every(ctx context.Context, interval time.Duration, work func() error) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := work(); err != nil && ctx.Err() == nil {
			log.FromContext(ctx).Error(err, "reading failed; it is tried again at the next interval")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
