package main

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

const projectName = "bench"

func labels(extra ...string) map[string]string {
	all := map[string]string{
		"app.kubernetes.io/managed-by":   "modelarts-operator",
		"modelarts-operator.dev/project": projectName,
	}
	for i := 0; i < len(extra); i += 2 {
		all[extra[i]] = extra[i+1]
	}
	return all
}

type poolReconciler struct {
	client.Client
	poller *poller
}

func (r *poolReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	phase, found := r.poller.phase(request.Name)
	if !found {
		return ctrl.Result{}, nil
	}
	pool := &ModelArtsPool{}
	err := r.Get(ctx, request.NamespacedName, pool)
	if apierrors.IsNotFound(err) {
		pool = &ModelArtsPool{
			ObjectMeta: metav1.ObjectMeta{Namespace: request.Namespace, Name: request.Name, Labels: labels()},
			Spec:       PoolSpec{ProjectRef: ProjectRef{Name: projectName}, PoolName: request.Name},
		}
		err = r.Create(ctx, pool)
	}
	if err != nil {
		return soon(err)
	}
	if pool.Status.Phase == phase {
		return ctrl.Result{}, nil
	}
	pool.Status.Phase = phase
	return soon(r.Status().Update(ctx, pool))
}

// workloadReconciler works on the full-object cache.
type workloadReconciler struct {
	client.Client
	poller *poller
}

func (r *workloadReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	seen, found := r.poller.observation(request.Name)
	if !found {
		return ctrl.Result{}, nil
	}
	workload := &ModelArtsWorkload{}
	err := r.Get(ctx, request.NamespacedName, workload)
	if apierrors.IsNotFound(err) {
		workload, err = create(ctx, r.Client, request.NamespacedName, seen)
	}
	if err != nil {
		return soon(err)
	}
	status := wanted(seen, workload.Status.StartTime, workload.Generation)
	if equality.Semantic.DeepEqual(status, workload.Status) {
		return ctrl.Result{}, nil
	}
	workload.Status = status
	return soon(r.Status().Update(ctx, workload))
}

// leanReconciler works on a metadata-only cache, and remembers a digest of each status that it has written or read.
type leanReconciler struct {
	client.Client
	live   client.Reader
	poller *poller
	known  sync.Map // of types.UID to digested
}

type digested struct {
	start  int64
	digest uint64
}

func (r *leanReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	seen, found := r.poller.observation(request.Name)
	if !found {
		return ctrl.Result{}, nil
	}
	cached := &metav1.PartialObjectMetadata{}
	cached.SetGroupVersionKind(groupVersion.WithKind("ModelArtsWorkload"))
	var workload *ModelArtsWorkload
	err := r.Get(ctx, request.NamespacedName, cached)
	switch {
	case apierrors.IsNotFound(err):
		workload, err = create(ctx, r.Client, request.NamespacedName, seen)
	case err == nil:
		if before, known := r.known.Load(cached.UID); known {
			start := metav1.Unix(before.(digested).start, 0)
			if digestOf(wanted(seen, &start, cached.Generation)) == before.(digested).digest {
				return ctrl.Result{}, nil
			}
		}
		workload = &ModelArtsWorkload{}
		err = r.live.Get(ctx, request.NamespacedName, workload)
	}
	if err != nil {
		return soon(err)
	}
	status := wanted(seen, workload.Status.StartTime, workload.Generation)
	if !equality.Semantic.DeepEqual(status, workload.Status) {
		workload.Status = status
		if err := r.Status().Update(ctx, workload); err != nil {
			return soon(err)
		}
	}
	entry := digested{digest: digestOf(status)}
	if status.StartTime != nil {
		entry.start = status.StartTime.Unix()
	}
	r.known.Store(workload.UID, entry)
	return ctrl.Result{}, nil
}

func create(ctx context.Context, api client.Client, name types.NamespacedName, seen observation) (*ModelArtsWorkload, error) {
	owner := &ModelArtsPool{}
	if err := api.Get(ctx, types.NamespacedName{Namespace: name.Namespace, Name: seen.pool}, owner); err != nil {
		return nil, err
	}
	workload := &ModelArtsWorkload{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: name.Namespace,
			Name:      name.Name,
			Labels:    labels("modelarts-operator.dev/pool", seen.pool),
		},
		Spec: WorkloadSpec{
			ProjectRef: ProjectRef{Name: projectName},
			PoolName:   seen.pool,
			Source:     "Workload",
			UID:        seen.row.UID,
		},
	}
	if err := controllerutil.SetControllerReference(owner, workload, api.Scheme(), controllerutil.WithBlockOwnerDeletion(false)); err != nil {
		return nil, err
	}
	return workload, api.Create(ctx, workload)
}

// A cache that is behind is no failure: the pool is not seen yet, or the object, or its newest version.
func soon(err error) (ctrl.Result, error) {
	if apierrors.IsNotFound(err) || apierrors.IsAlreadyExists(err) || apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
	}
	return ctrl.Result{}, err
}

func digestOf(status WorkloadStatus) uint64 {
	text, _ := json.Marshal(status)
	hash := fnv.New64a()
	_, _ = hash.Write(text)
	return hash.Sum64()
}
