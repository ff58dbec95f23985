package main

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var active = []string{"Queue", "Pending", "Creating", "Running", "Abnormal", "Terminating"}
var terminal = []string{"Completed", "Terminated", "Failed"}

// A start that was derived moves only when ModelArts contradicts it by more than this.
const tolerance = time.Minute

// observation is a row, and when and in which pool it was read.
type observation struct {
	row    workloadRow
	pool   string
	readAt time.Time
}

// wanted is the status that a row calls for. known is the start time that is shown already.
func wanted(seen observation, known *metav1.Time, generation int64) WorkloadStatus {
	row := seen.row
	created := time.UnixMilli(row.CreateTime).Truncate(time.Second)
	status := WorkloadStatus{
		Type:         row.Type,
		Name:         row.Name,
		JobName:      row.JobName,
		JobID:        row.JobUUID,
		Phase:        row.Status,
		Priority:     row.Priority,
		Flavor:       row.Flavor,
		Resources:    row.Resources,
		Accelerator:  acceleratorOf(row.Resources),
		GVK:          row.GVK,
		CreationTime: timeOf(created),
	}
	if row.HostIPs != "" {
		status.HostIPs = strings.Split(row.HostIPs, ",")
		status.NodeCount = len(status.HostIPs)
	}
	since := created
	switch row.Status {
	case "Queue", "Pending":
		if row.Status == "Queue" && row.PendingPosition > 0 {
			status.QueuePositionAtMost = bandEnd(row.PendingPosition)
			if row.PendingPosition <= 10 {
				status.QueuePosition = row.PendingPosition
			}
		}
	case "Creating":
		since = created.Add(time.Duration(row.PendingDuration) * time.Second)
	case "Completed", "Terminated", "Failed":
		since = created.Add(time.Duration(row.PendingDuration+row.RunningDuration) * time.Second)
		if row.RunningDuration > 0 {
			status.StartTime = timeOf(created.Add(time.Duration(row.PendingDuration) * time.Second))
		}
		status.CompletionTime = timeOf(since)
	default:
		since = seen.readAt.Add(-time.Duration(row.RunningDuration) * time.Second).Truncate(time.Second)
		if known != nil && known.Sub(since).Abs() <= tolerance {
			since = known.Time
		}
		status.StartTime = timeOf(since)
	}
	status.Conditions = conditionsOf(row.Status, since, generation)
	return status
}

func conditionsOf(phase string, since time.Time, generation int64) []metav1.Condition {
	set := func(kind string, is bool) metav1.Condition {
		status := metav1.ConditionFalse
		if is {
			status = metav1.ConditionTrue
		}
		return metav1.Condition{
			Type:               kind,
			Status:             status,
			Reason:             phase,
			Message:            fmt.Sprintf("ModelArts reports the status %s.", phase),
			LastTransitionTime: *timeOf(since),
			ObservedGeneration: generation,
		}
	}
	conditions := []metav1.Condition{
		set("Running", phase == "Running"),
		set("Queued", phase == "Queue" || phase == "Pending"),
	}
	switch phase {
	case "Completed":
		conditions = append(conditions, set("Complete", true))
	case "Terminated", "Failed":
		conditions = append(conditions, set("Failed", true))
	}
	return conditions
}

func acceleratorOf(resources map[string]string) *Accelerator {
	for name, amount := range resources {
		_, kind, found := strings.Cut(name, "/")
		var count int
		if _, err := fmt.Sscanf(amount, "%d", &count); !found || err != nil || count == 0 {
			continue
		}
		return &Accelerator{Type: kind, Count: count, Summary: fmt.Sprintf("%d %s", count, kind)}
	}
	return nil
}

// bandEnd: places are exact to 10; beyond, the end of the band (20, 50, 100, 200, 500, ...).
func bandEnd(place int) int {
	for power := 10; ; power *= 10 {
		for _, end := range []int{power, 2 * power, 5 * power} {
			if place <= 10 {
				return place
			}
			if place <= end {
				return end
			}
		}
	}
}

func timeOf(value time.Time) *metav1.Time {
	result := metav1.NewTime(value.UTC())
	return &result
}
