// The mirror that the operator keeps, as a small program on controller-runtime: the default client, its cache, a
// work queue and as many workers as the operator has. It polls with the same calls, and writes the same objects by the
// same steps: create, then status. Only the status of pools is shorter. The benchmark `peer` compares the two.
package main

import (
	"flag"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

func main() {
	kubeconfig := flag.String("config", "", "kubeconfig of the cluster")
	namespace := flag.String("namespace", "", "where the mirrors are kept")
	endpoint := flag.String("endpoint", "", "base URL of ModelArts")
	project := flag.String("project", "", "ModelArts project id")
	metrics := flag.String("metrics", "", "address of the metrics server")
	metadataOnly := flag.Bool("metadata-only", false, "cache metadata instead of whole objects")
	flag.Parse()
	ctrl.SetLogger(zap.New())
	if err := run(*kubeconfig, *namespace, *metrics, *metadataOnly, reader{
		endpoint: *endpoint,
		project:  *project,
		token:    os.Getenv("MODELARTS_TOKEN"),
	}); err != nil {
		ctrl.Log.Error(err, "ended")
		os.Exit(1)
	}
}

func run(kubeconfig, namespace, metrics string, metadataOnly bool, modelArts reader) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	// The operator has no limit of its own either: the apiserver's priority and fairness is the limit.
	config.QPS = -1
	scheme := runtime.NewScheme()
	addKinds(scheme)
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:  scheme,
		Cache:   cache.Options{DefaultNamespaces: map[string]cache.Config{namespace: {}}},
		Metrics: metricsserver.Options{BindAddress: metrics},
	})
	if err != nil {
		return err
	}
	poller := &poller{
		reader:           modelArts,
		namespace:        namespace,
		poolInterval:     30 * time.Second,
		workloadInterval: 15 * time.Second,
		pools:            make(chan event.GenericEvent),
		workloads:        make(chan event.GenericEvent),
		phases:           map[string]string{},
		observed:         map[string]observation{},
		polled:           map[string]bool{},
	}
	err = ctrl.NewControllerManagedBy(manager).
		For(&ModelArtsPool{}).
		WatchesRawSource(source.Channel(poller.pools, &handler.EnqueueRequestForObject{})).
		Complete(&poolReconciler{Client: manager.GetClient(), poller: poller})
	if err != nil {
		return err
	}
	var reconciler reconcile.Reconciler = &workloadReconciler{Client: manager.GetClient(), poller: poller}
	var options []builder.ForOption
	if metadataOnly {
		reconciler = &leanReconciler{Client: manager.GetClient(), live: manager.GetAPIReader(), poller: poller}
		options = append(options, builder.OnlyMetadata)
	}
	err = ctrl.NewControllerManagedBy(manager).
		For(&ModelArtsWorkload{}, options...).
		WithOptions(controller.Options{MaxConcurrentReconciles: 32}).
		WatchesRawSource(source.Channel(poller.workloads, &handler.EnqueueRequestForObject{})).
		Complete(reconciler)
	if err != nil {
		return err
	}
	if err := manager.Add(poller); err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}
