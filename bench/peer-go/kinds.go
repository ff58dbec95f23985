package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var groupVersion = schema.GroupVersion{Group: "modelarts-operator.dev", Version: "v1alpha1"}

func addKinds(scheme *runtime.Scheme) {
	scheme.AddKnownTypes(groupVersion, &ModelArtsPool{}, &ModelArtsPoolList{}, &ModelArtsWorkload{}, &ModelArtsWorkloadList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
}

// ProjectRef names the ModelArtsProject that an object belongs to.
type ProjectRef struct {
	Name string `json:"name"`
}

// ModelArtsPool has the fields of the CRD that this program fills.
type ModelArtsPool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              PoolSpec   `json:"spec"`
	Status            PoolStatus `json:"status,omitempty"`
}

type PoolSpec struct {
	ProjectRef ProjectRef `json:"projectRef"`
	PoolName   string     `json:"poolName"`
}

type PoolStatus struct {
	Phase string `json:"phase,omitempty"`
}

func (in *ModelArtsPool) DeepCopyObject() runtime.Object {
	out := *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	return &out
}

type ModelArtsPoolList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ModelArtsPool `json:"items"`
}

func (in *ModelArtsPoolList) DeepCopyObject() runtime.Object {
	out := *in
	in.ListMeta.DeepCopyInto(&out.ListMeta)
	out.Items = make([]ModelArtsPool, len(in.Items))
	for i := range in.Items {
		out.Items[i] = *in.Items[i].DeepCopyObject().(*ModelArtsPool)
	}
	return &out
}

// ModelArtsWorkload has every field of the CRD that the simulator gives something for.
type ModelArtsWorkload struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              WorkloadSpec   `json:"spec"`
	Status            WorkloadStatus `json:"status,omitempty"`
}

type WorkloadSpec struct {
	ProjectRef ProjectRef `json:"projectRef"`
	PoolName   string     `json:"poolName,omitempty"`
	Source     string     `json:"source"`
	UID        string     `json:"uid"`
}

type WorkloadStatus struct {
	Conditions          []metav1.Condition `json:"conditions,omitempty"`
	Type                string             `json:"type,omitempty"`
	Name                string             `json:"name,omitempty"`
	JobName             string             `json:"jobName,omitempty"`
	JobID               string             `json:"jobID,omitempty"`
	Phase               string             `json:"phase,omitempty"`
	Priority            string             `json:"priority,omitempty"`
	Flavor              string             `json:"flavor,omitempty"`
	NodeCount           int                `json:"nodeCount,omitempty"`
	Resources           map[string]string  `json:"resources,omitempty"`
	Accelerator         *Accelerator       `json:"accelerator,omitempty"`
	GVK                 string             `json:"gvk,omitempty"`
	HostIPs             []string           `json:"hostIPs,omitempty"`
	QueuePosition       int                `json:"queuePosition,omitempty"`
	QueuePositionAtMost int                `json:"queuePositionAtMost,omitempty"`
	CreationTime        *metav1.Time       `json:"creationTime,omitempty"`
	StartTime           *metav1.Time       `json:"startTime,omitempty"`
	CompletionTime      *metav1.Time       `json:"completionTime,omitempty"`
}

type Accelerator struct {
	Type    string `json:"type,omitempty"`
	Count   int    `json:"count,omitempty"`
	Summary string `json:"summary,omitempty"`
}

func (in *ModelArtsWorkload) DeepCopyObject() runtime.Object {
	out := *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status = in.Status.deepCopy()
	return &out
}

func (in WorkloadStatus) deepCopy() WorkloadStatus {
	out := in
	out.Conditions = make([]metav1.Condition, len(in.Conditions))
	for i := range in.Conditions {
		in.Conditions[i].DeepCopyInto(&out.Conditions[i])
	}
	out.HostIPs = append([]string(nil), in.HostIPs...)
	if in.Resources != nil {
		out.Resources = make(map[string]string, len(in.Resources))
		for name, amount := range in.Resources {
			out.Resources[name] = amount
		}
	}
	if in.Accelerator != nil {
		accelerator := *in.Accelerator
		out.Accelerator = &accelerator
	}
	out.CreationTime = in.CreationTime.DeepCopy()
	out.StartTime = in.StartTime.DeepCopy()
	out.CompletionTime = in.CompletionTime.DeepCopy()
	return out
}

type ModelArtsWorkloadList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ModelArtsWorkload `json:"items"`
}

func (in *ModelArtsWorkloadList) DeepCopyObject() runtime.Object {
	out := *in
	in.ListMeta.DeepCopyInto(&out.ListMeta)
	out.Items = make([]ModelArtsWorkload, len(in.Items))
	for i := range in.Items {
		out.Items[i] = *in.Items[i].DeepCopyObject().(*ModelArtsWorkload)
	}
	return &out
}
